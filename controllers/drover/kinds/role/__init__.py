"""What GlobalRoles and RoleTemplates have in common: those that came with Drover are kept as they came, and a role says
whether all that it builds on is there."""

from __future__ import annotations
