"""The embedded PostgreSQL as a service: on loopback, behind a password, modest in memory, never lax in durability."""

import signal
from urllib.parse import quote

from api.embedded import cluster as clusters
from api.embedded import programs
from api.embedded.cluster import Cluster
from api.embedded.ports import LOOPBACK
from api.embedded.service import Service

USUAL_PORT = 54321

#: Little memory, for a machine that also encodes video. fsync and synchronous_commit keep their default: on.
_SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "huge_pages": "off",
    "jit": "off",
    "max_worker_processes": "4",
    "max_parallel_workers": "2",
    # Its launcher is a process that would wait for ever.
    "max_logical_replication_workers": "0",
    "autovacuum_max_workers": "2",
    "max_wal_size": "512MB",
    "timezone": "UTC",
    # The supervisor writes the time in front of every line.
    "log_line_prefix": "",
    "log_checkpoints": "off",
}
#: Otherwise three processes would stand by for reading ahead, which a small database never needs.
_SETTINGS_FROM_18 = {"io_method": "sync"}


def service(cluster: Cluster, port: int) -> Service:
    """How the supervisor runs it. SIGINT is PostgreSQL's fast stop and SIGQUIT its immediate one, which it recovers."""
    since_18 = _SETTINGS_FROM_18 if programs.postgres_version(cluster.binaries) >= 18 else {}
    settings = {**_SETTINGS, **since_18, "port": str(port)}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return Service(
        name="postgres",
        command=[str(cluster.binaries / "postgres"), "-D", str(cluster.directory), *options],
        environment=clusters.ENVIRONMENT,
        is_ready=lambda: clusters.status(cluster.directory) == "ready",
        stop_signal=signal.SIGINT,
        hurry_signal=signal.SIGQUIT,
        stop_seconds=30,
        death_signal=signal.SIGINT,
        # Recovery reads up to max_wal_size of log, which may take minutes on a slow disk.
        ready_seconds=300,
        who=cluster.who,
    )


def url(cluster: Cluster, port: int) -> str:
    """Where the database is, for SQLAlchemy with psycopg. It holds the password."""
    return f"postgresql+psycopg://{clusters.NAME}:{quote(cluster.password)}@{LOOPBACK}:{port}/{clusters.NAME}"
