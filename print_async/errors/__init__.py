"""Everything that this library raises, as one tree.

    PrintAsyncError
    ├── TransportError            the wire failed; `sent` tells whether the server may have seen the request
    │   ├── ConnectFailed         nothing was sent
    │   │   └── CertificateRejected
    │   ├── ConnectionLost        sent, and the answer is missing or cut short
    │   ├── TransportTimeout      a phase took longer than its limit; `phase` names it
    │   └── DeadlineExceeded      your own deadline passed; `waterfall` tells where the time went
    ├── StatusError               the server answered, and the answer is no
    │   ├── UnexpectedRedirect    3xx: never followed with a credential
    │   ├── BadRequest            400, 422
    │   ├── Unauthorized          401, after a fresh token was refused as well
    │   ├── Forbidden             403
    │   ├── NotFound              404, 410
    │   ├── Conflict              409, 412
    │   ├── RateLimited           429
    │   └── ServerError           5xx
    ├── DecodeError               the answer is not what the documents promise
    ├── AuthError
    │   ├── TokenRequestFailed    no token for now; tried again after a pause
    │   ├── LoginRequired         no token until somebody signs in, or corrects the credential
    │   ├── TokenStoreError       the store could not be read or written; nothing was spent
    │   ├── AuthorizationRefused  the browser came back with an error, or with the wrong state
    │   ├── InsufficientScope     known before any request: the token lacks a scope
    │   ├── WrongTokenKind        known before any request: a client token where a user's is needed, or the reverse
    │   └── ForeignOrigin         the credential would have left its own servers
    ├── PagingError               `cursor` tells where to resume
    │   ├── CrossOriginLink       the server's next link leads elsewhere
    │   ├── PaginationLoop        the server's next link leads back
    │   ├── ListChanged           while it was walked, too much was deleted or inserted to find the place again
    │   └── InvalidCursor         not a cursor of this list
    ├── PrintError                a document was not printed, or nobody can say whether it was
    │   ├── PrintOptionsError     known before anything was sent: the printer cannot do what is asked
    │   ├── PrinterNotFound       no printer, or more than one, of that id or name; nothing was sent
    │   ├── UploadFailed          the document did not reach the server; nothing was printed
    │   ├── PrintFailed           the server refused the document, or the job has failed
    │   ├── PrintTimeout          not done in time; the job itself goes on
    │   └── PrintOutcomeUnknown   handed over, and the answer is lost: look before printing again
    ├── PaymentError              a payment was left open; it is not committed
    │   ├── PaymentOutcomeUnknown  committed, and the answer is lost: look before paying again
    │   └── PaymentSessionNotEnded  what the session has blocked may stay so; its payments are settled
    ├── ClusterError              a cluster could not do the work, or could not be reached
    │   ├── WorkersLost           workers died over one partition again and again
    │   └── ItemOutcomeUnknown    begun by a worker that died: look before doing it again
    ├── PacingFailed              Redis could not say whose turn it is; nothing was sent
    ├── MirrorError               the SQLite file of a mirror cannot be used
    ├── NotRecorded               a replay was asked for what its recording does not have
    └── ClientClosed              used after `aclose()`

Bad arguments are `ValueError` or `TypeError`, raised before any I/O. No message, attribute or pickle of these errors
holds a secret. All of them can be pickled and copied.
"""

from print_async.errors.auth import (
    AuthError,
    AuthorizationRefused,
    ForeignOrigin,
    InsufficientScope,
    LoginRequired,
    TokenRequestFailed,
    TokenStoreError,
    WrongTokenKind,
)
from print_async.errors.base import (
    ClientClosed,
    DecodeError,
    MirrorError,
    NotRecorded,
    PrintAsyncError,
)
from print_async.errors.cluster import (
    ClusterError,
    ItemOutcomeUnknown,
    PacingFailed,
    WorkersLost,
)
from print_async.errors.paging import (
    CrossOriginLink,
    InvalidCursor,
    ListChanged,
    PaginationLoop,
    PagingError,
)
from print_async.errors.payments import (
    PaymentError,
    PaymentOutcomeUnknown,
    PaymentSessionNotEnded,
)
from print_async.errors.printing import (
    PrinterNotFound,
    PrintError,
    PrintFailed,
    PrintOptionsError,
    PrintOutcomeUnknown,
    PrintTimeout,
    UploadFailed,
)
from print_async.errors.status import (
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    RateLimited,
    ServerError,
    StatusError,
    Unauthorized,
    UnexpectedRedirect,
    error_class,
)
from print_async.errors.transport import (
    CertificateRejected,
    ConnectFailed,
    ConnectionLost,
    DeadlineExceeded,
    TransportError,
    TransportTimeout,
)

__all__ = [
    "AuthError",
    "AuthorizationRefused",
    "BadRequest",
    "CertificateRejected",
    "ClientClosed",
    "ClusterError",
    "Conflict",
    "ConnectFailed",
    "ConnectionLost",
    "CrossOriginLink",
    "DeadlineExceeded",
    "DecodeError",
    "Forbidden",
    "ForeignOrigin",
    "InsufficientScope",
    "InvalidCursor",
    "ItemOutcomeUnknown",
    "ListChanged",
    "LoginRequired",
    "MirrorError",
    "NotFound",
    "NotRecorded",
    "PacingFailed",
    "PaginationLoop",
    "PagingError",
    "PaymentError",
    "PaymentOutcomeUnknown",
    "PaymentSessionNotEnded",
    "PrintAsyncError",
    "PrintError",
    "PrintFailed",
    "PrintOptionsError",
    "PrintOutcomeUnknown",
    "PrintTimeout",
    "PrinterNotFound",
    "RateLimited",
    "ServerError",
    "StatusError",
    "TokenRequestFailed",
    "TokenStoreError",
    "TransportError",
    "TransportTimeout",
    "Unauthorized",
    "UnexpectedRedirect",
    "UploadFailed",
    "WorkersLost",
    "WrongTokenKind",
    "error_class",
]
