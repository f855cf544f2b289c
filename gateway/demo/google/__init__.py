"""The simulated Google of `gateway demo`, used by the tests too."""

from gateway.demo.google.problems import ApiProblem
from gateway.demo.google.simulator import CLIENT_ID, CLIENT_SECRET, GoogleSimulator
from gateway.demo.google.state import Mail

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "ApiProblem", "GoogleSimulator", "Mail"]
