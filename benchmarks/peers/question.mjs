// The question of the peers on plain objects: a lung metastasis, a colon cancer, and the CEA.

export const card = (value) => ({
  cards: [{ summary: `Colorectal lung metastasis, CEA ${value} ng/mL`, indicator: "info", source: { label: "peer" } }],
});

export function answer(request) {
  const found = Object.values(request.prefetch).flatMap((held) => held.entry ?? []).map((entry) => entry.resource);
  const codes = found.filter((item) => item.resourceType === "Condition").flatMap((item) => item.code.coding);
  const some = (start) => codes.some((coding) => coding.code.startsWith(start));
  if (!some("C78.0") || !some("C18")) return { cards: [] };
  const cea = found.filter(
    (item) => item.resourceType === "Observation" && item.code.coding.some((coding) => coding.code === "2039-6"),
  );
  return card(cea.at(-1).valueQuantity.value);
}
