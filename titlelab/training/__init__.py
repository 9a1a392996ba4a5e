"""What was learnt: training runs, versions, the gate, promotion."""
