"""How fast a sender may go, and what slows or stops it: turns, throttles, the warm-up's rations, the brake, complaints."""
