"""Training programmes of dated steps, materials, a question bank, exams on the server's clock, mentors."""
