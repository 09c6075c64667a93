"""Group commit: what many requests bring at once is taken in one transaction, and all are answered once it is on disk.

Nobody waits for company: whoever comes while a transaction runs goes into the next one. With one request at a time,
each has a transaction of its own.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

#: More than this many would make the last of them wait, and hold up the next transaction.
_MOST = 64
#: Connections to the database that those taken alone may use besides the one of the rest.
_ALONE = 4


class Gathering(Generic[Asked, Answer]):
    """`together` takes many in one transaction, and answers None to each that must go alone; `alone` takes that one.

    When `together` fails as a whole, each is taken alone, so that nobody's failure is another's.
    """

    def __init__(
        self, together: Callable[[Sequence[Asked]], Sequence[Answer | None]], alone: Callable[[Asked], Answer]
    ) -> None:
        self._together, self._alone = together, alone
        self._first_thread = ThreadPoolExecutor(1, "together")
        self._other_threads = ThreadPoolExecutor(_ALONE, "alone")
        self._lock = Lock()
        self._waiting: list[tuple[Asked, Future[Answer]]] = []
        self._is_busy = False

    def bring(self, asked: Asked) -> Future[Answer]:
        """What will hold the answer, or the error, once the transaction is over."""
        answer: Future[Answer] = Future()
        with self._lock:
            self._waiting.append((asked, answer))
            is_idle, self._is_busy = not self._is_busy, True
        if is_idle:
            self._first_thread.submit(self._work)
        return answer

    def _work(self) -> None:
        while (crowd := self._next()) is not None:
            try:
                answers = self._together([asked for asked, _ in crowd])
            except Exception:  # noqa: BLE001
                # Whatever it was, whoever caused it meets it again alone, and is told.
                answers = [None] * len(crowd)
            for (asked, future), answer in zip(crowd, answers, strict=True):
                if answer is None:
                    self._other_threads.submit(self._take_alone, asked, future)
                else:
                    future.set_result(answer)

    def _next(self) -> list[tuple[Asked, "Future[Answer]"]] | None:
        """Those who wait; None, and the work ends, when there is nobody."""
        with self._lock:
            crowd, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
            self._is_busy = bool(crowd)
        if not crowd:
            return None
        # Nobody waits any more for those who were cancelled in the meantime; from here on none can be.
        return [(asked, future) for asked, future in crowd if future.set_running_or_notify_cancel()]

    def _take_alone(self, asked: Asked, future: "Future[Answer]") -> None:
        try:
            future.set_result(self._alone(asked))
        except Exception as error:  # noqa: BLE001 - It is raised again where the answer is awaited.
            future.set_exception(error)
