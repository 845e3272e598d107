"""Who may and should decide: places, own work, deputies, assignment, holds, and the leads who look after it."""
