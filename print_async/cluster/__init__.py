"""Past one machine: batches and mirrors over the workers of a `distributed` cluster. Needs the extra `dask`.

    from print_async.cluster import Workers, run_batch_on

Each worker has one client, and all share one credential, through a `RedisTokenStore`, and if wanted one rate of
requests, through a `RedisPacer`. See `docs/cluster.md`.
"""

from print_async.cluster.batch import map_on, run_batch_on
from print_async.cluster.local import local_cluster
from print_async.cluster.mirror import mirror_on
from print_async.cluster.once import RedisOnce
from print_async.cluster.pacing import RedisPacer
from print_async.cluster.workers import Workers

__all__ = ["RedisOnce", "RedisPacer", "Workers", "local_cluster", "map_on", "mirror_on", "run_batch_on"]
