"""One token request: send it, and tell a token from a refusal, and a refusal from a failure (RFC 6749 section 5)."""

from collections.abc import Mapping

from print_async.auth.grant import Grant, OAuthError, credentials_of
from print_async.auth.token import Token
from print_async.clock import Clock
from print_async.errors import DecodeError, LoginRequired, NotRecorded, TokenRequestFailed, TransportError
from print_async.headers import retry_after
from print_async.origin import presentable
from print_async.secret import Secret
from print_async.wire import Request, Response, Transport

_REFUSED = frozenset({400, 401, 403})
_PASSING = frozenset({"temporarily_unavailable", "server_error", "slow_down"})


async def exchange(
    grant: Grant, request: Request, transport: Transport, clock: Clock, generation: int, spent: Secret | None = None
) -> Token:
    """Send a token request of that grant and return the token.

    Args:
        grant, request, transport, clock: What to send, and how.
        generation: That of the token to come.
        spent: The refresh token in the request, if there is one; masked in whatever the server says.

    Raises:
        LoginRequired: The server refuses the credential; sending the same again is useless.
        TokenRequestFailed: Anything else went wrong; it may pass.
    """
    issued_at = clock.time()
    try:
        response = await transport.send(request)
    except (TransportError, NotRecorded) as error:
        failed = TokenRequestFailed(f"no token: {error}", answer_lost=isinstance(error, TransportError) and error.sent)
        failed.retryable = error.retryable
        raise failed from error
    token = _token(response, issued_at, generation)
    if token is not None:
        return token
    raise _failure(grant, request, response, clock, spent)


def _token(response: Response, issued_at: float, generation: int) -> Token | None:
    answer = _mapping(response)
    refused = response.status >= 300 or answer.get("error") is not None
    return None if refused else Token.parse(answer, issued_at=issued_at, generation=generation)


def _mapping(response: Response) -> Mapping[str, object]:
    try:
        answer = response.json()
    except DecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _failure(
    grant: Grant, request: Request, response: Response, clock: Clock, spent: Secret | None
) -> LoginRequired | TokenRequestFailed:
    where = f"the token endpoint {presentable(request.url)}"
    refusal = grant.read_refusal(response)
    if refusal is None:
        return TokenRequestFailed(
            f"no token: {where} answered {response.status} with something that is no token response. "
            "Is the base URL right, and no proxy or sign-in page in between?",
            status=response.status,
            retry_after=retry_after(response.headers, clock),
            answer_lost=response.status < 300,
        )
    refusal = refusal.masked([*grant.secrets, spent or "", credentials_of(request)])
    if _is_final(response, refusal):
        return LoginRequired(
            f"{where} refused the credential: {refusal}. It will not be tried again; sign in anew, or correct it",
            error=refusal.error,
            description=refusal.description,
        )
    return TokenRequestFailed(
        f"no token for now: {where} answered {response.status}: {refusal}",
        status=response.status,
        retry_after=retry_after(response.headers, clock),
    )


def _is_final(response: Response, refusal: OAuthError) -> bool:
    # Some servers refuse with 200, which is as final as a 400 if they name an error.
    return (response.status in _REFUSED or response.status < 300) and refusal.error not in _PASSING
