"""The patient's picture, drawn from the JSON of an assessment: CEA curve, lungs, time line, matrix."""

from cds_service.web.picture.picture import patient_picture

__all__ = ["patient_picture"]
