"""Every dialect: how one vendor, one country or one profile keeps the facts that the cases hold."""

from tests.ehr.dialects.dicom_sr import DICOM_SR
from tests.ehr.dialects.epic import EPIC
from tests.ehr.dialects.europe import EUROPE
from tests.ehr.dialects.german import GERMAN
from tests.ehr.dialects.ihe import IHE
from tests.ehr.dialects.mcode import MCODE
from tests.ehr.dialects.oracle import ORACLE

DIALECTS = (EPIC, ORACLE, MCODE, GERMAN, EUROPE, IHE, DICOM_SR)

__all__ = ["DIALECTS", "DICOM_SR", "EPIC", "EUROPE", "GERMAN", "IHE", "MCODE", "ORACLE"]
