"""Surgery, SBRT and thermal ablation, rule by rule, and what speaks for which of them first."""
