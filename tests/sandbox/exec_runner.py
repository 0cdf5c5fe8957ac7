"""A runner for tests: a request is Python source, the reply is what it calls ``reply`` with, or what it raised."""

import traceback


class Runner:
    """Executes each request in one namespace that lasts as long as the process."""

    def __init__(self) -> None:
        self.space: dict[str, object] = {}

    def handle(self, request: bytes) -> bytes:
        answer = b""

        def reply(value: object) -> None:
            nonlocal answer
            answer = value if isinstance(value, bytes) else str(value).encode()

        self.space["reply"] = reply
        try:
            exec(request, self.space)
        except Exception:
            return traceback.format_exc().encode()
        return answer
