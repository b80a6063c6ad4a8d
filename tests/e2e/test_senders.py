"""Real transports on loopback, and the arm that guards them."""

from email import message_from_bytes

from tests.standins.sendgrid import SendGridStandin
from tests.standins.smtp import SmtpStandin

from .conftest import Project
