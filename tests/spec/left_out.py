"""What the rule base asks for and this version does not carry out, by rule, each with its reason."""

from __future__ import annotations

#: Parts of rules. A rule that is not carried out at all says why itself (``text_only``).
PARTS_LEFT_OUT = {
    "G-08": ["Skin cancers other than melanoma hardly spread to the lung and are not read as another malignancy."],
    "C-05": ["The states de novo, oligorecurrence, oligoprogression and induced: no data element, and never inferred."],
    "C-06": [
        "The numeric thirds of the way from hilum to pleura: no data element carries that ratio, so the bands are "
        "taken from the recorded zone only.",
        "Contact of the planning target volume with bronchi, oesophagus, vessels or pleura: not in the record before "
        "planning.",
    ],
    "C-07": ["Bulk, and extrapulmonary disease called convertible: no data element; a statement says it."],
    "N-03": ["Calcification: no data element; a nodule that is called benign has the histology `other`."],
    "N-04": [
        "The features that add weight (spiculated, part-solid, interval, smoking, nodes): every single lesion "
        "without histology gets the warning, so no feature would change anything."
    ],
    "M-03": [
        "Priority `stat`: emergencies go to direct clinical review, never by this service.",
        "Priority `asap`: symptoms, documented rapid growth and the window after chemotherapy have no data element.",
    ],
    "S-04": [
        "Predicted postoperative values are never calculated: the segments to be removed are not known; "
        "recorded values are read.",
        "The profiles of BTS 2010 and ACCP 2013 are named as sources and cannot be chosen.",
    ],
    "S-08": ["A status code of an absent lung or lobe raises a flag only."],
    "R-04": [
        "Stereotactic courses are not told from others by sessions and dose: any earlier radiotherapy of the same "
        "lung calls for the same caution."
    ],
    "A-10": ["The side of an effusion has no data element: any malignant effusion blocks."],
    "I-01": ["That SBRT is not available at a site, and ultracentral geometry as a reason: R-03 never excludes."],
    "H-01": ["A statement that a deep lesion would force lobectomy: no data element."],
    "MOL": ["NTRK, RET, POLE and UGT1A1 are not read; the side of a colon cancer is not told from its code."],
    "P-02": [
        "The hazard ratios stand on the page of their source and, for nodes, in the reason NODE_POSITIVE; they share "
        "no cut-off and decide nothing."
    ],
    "P-03": ["Larger tumour, incomplete margin and lobectomy are not read; the stage of the primary stays unknown."],
    "E-02": ["The laboratory's reference range is not shown, and smoking adds no note: neither changes the limit."],
    "E-08": ["Liver disease, renal failure and colitis raise CEA; they add no note and change nothing."],
    "E-10": ["Raised CEA alone gives no card; imaging is asked for only where lung metastases are known."],
}
#: What the rule base lists outside its rules.
ALSO_LEFT_OUT = [
    "The flag STAGE_CONFLICT (stage M1a beside disease in several organs): the stage group is read by no rule.",
    "Ground-glass lesions, infection, sarcoid-like reactions and lymphangitis: no data element tells them apart.",
    "Trials: whether the patient takes part in one is not read.",
    "Report text: it decides nothing and is not quoted.",
]
