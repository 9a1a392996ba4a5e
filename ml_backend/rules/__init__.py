"""What titles must obey, as pure functions that the models, the gate and titlelab share."""
