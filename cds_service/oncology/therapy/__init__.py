"""The local therapies: rules of surgery, SBRT and thermal ablation, the order between them, combinations."""
