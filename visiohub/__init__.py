"""The orchestrator: who meets whom, where and when; pages, API and jobs."""
