//! The kinds that belong to no module, in the order of their status.

crate::kinds! {
    BodyMalformed = "E_BODY_MALFORMED", 400, "The body isn't JSON";
        cause: "The body stops being JSON at the place that the detail names.";
        mend: "Send what a JSON library writes, not text put together by hand.";
    HeaderInvalid = "E_HEADER_INVALID", 400, "A header's value can't be used";
        cause: "A header that means something here has a value that it can't have; the detail names it.";
        mend: "Send the header as the API document shows it, or leave it out.";
    RequestMalformed = "E_REQUEST_MALFORMED", 400, "The request can't be understood";
        cause: "The request isn't proper HTTP, broke off before its end, or has an address that nothing could have.";
        mend: "Send it through an HTTP library; behind a proxy, look at what the proxy makes of it.";
    TokenMissing = "E_TOKEN_MISSING", 401, "This needs a signed-in user";
        cause: "There is no Authorization header; on a socket, no token in the handshake's auth.";
        mend: "Sign in and send the access token: `Authorization: Bearer …`, or `auth: {token}`.";
    TokenInvalid = "E_TOKEN_INVALID", 401, "The access token isn't valid";
        cause: "It isn't a token of ours: another key, another issuer, cut short, or a refresh token in its place.";
        mend: "Send the accessToken as it was given; if you did, sign in again.";
    TokenExpired = "E_TOKEN_EXPIRED", 401, "The access token has expired";
        cause: "Access tokens live for minutes only; `expiresIn` said how long.";
        mend: "Get a new one with the refresh token and repeat the request; sockets use `renew` before it ends.";
    SessionEnded = "E_SESSION_ENDED", 401, "The session has ended";
        cause: "Signed out, ended from another device, ended by an administrator, or not used for too long.";
        mend: "Sign in again.";
    Forbidden = "E_FORBIDDEN", 403, "Your role doesn't allow this";
        cause: "The operation needs a permission that your role doesn't hold; `x-permission` in the API document names it.";
        mend: "Ask an administrator for a role that holds it.";
    OriginRefused = "E_ORIGIN_REFUSED", 403, "Pages of this origin may not connect";
        cause: "A browser page of an origin that isn't listed tried to open a socket.";
        mend: "Add the page's exact origin to CORS_ORIGINS.";
    NotFound = "E_NOT_FOUND", 404, "There is no such thing";
        cause: "It doesn't exist, or you may not know that it does; the two look the same on purpose.";
        mend: "Check the id and who is asking.";
    MethodNotAllowed = "E_METHOD_NOT_ALLOWED", 405, "This resource has no such method";
        cause: "The path exists, the method on it doesn't.";
        mend: "Use a method that the API document shows for the path.";
    RequestTimeout = "E_REQUEST_TIMEOUT", 408, "The body arrived too slowly";
        cause: "Nothing more of the body came for a while.";
        mend: "Repeat the request over a better connection; with an Idempotency-Key it is safe to.";
    TooManyFollowed = "E_TOO_MANY_FOLLOWED", 409, "A socket follows only so many conversations";
        cause: "This socket has joined as many conversations as one may.";
        mend: "Leave those that aren't on the screen.";
    EditedMeanwhile = "E_EDITED_MEANWHILE", 412, "It has changed since you read it";
        cause: "If-Match names a version that isn't the present one.";
        mend: "Read it again, show what changed, and repeat with the new ETag.";
    BodyTooLarge = "E_BODY_TOO_LARGE", 413, "The body is too large";
        cause: "The body has more bytes than MAX_BODY_BYTES allows.";
        mend: "Send less at a time.";
    MediaType = "E_MEDIA_TYPE", 415, "The body must be application/json";
        cause: "The Content-Type is missing or another.";
        mend: "Send JSON, and say so: `Content-Type: application/json`.";
    Invalid = "E_INVALID", 422, "The request has fields that can't be accepted";
        cause: "It was read, and its values don't fit; `errors` names each by its pointer.";
        mend: "Show each error beside its field; the API document has the limits.";
    IdempotencyReused = "E_IDEMPOTENCY_REUSED", 422, "This idempotency key was used for something else";
        cause: "The same Idempotency-Key came with another request within a day.";
        mend: "Make a new key for each thing to be done, and keep it for repeats of that only.";
    CursorInvalid = "E_CURSOR_INVALID", 422, "The cursor isn't one of ours";
        cause: "The cursor was changed, cut short, or belongs to another list.";
        mend: "Use nextCursor exactly as the page before gave it, or none to begin again.";
    EventUnknown = "E_EVENT_UNKNOWN", 422, "There is no such event";
        cause: "A socket sent an event with a name that nothing listens to.";
        mend: "Use an event that the AsyncAPI document shows.";
    TooManyEvents = "E_TOO_MANY_EVENTS", 429, "Events arrive faster than they can be handled";
        cause: "The socket sent events without waiting for their answers, until its mailbox was full; or more of a kind \
                than one socket, or all of a user's, may send.";
        mend: "Wait for answers before sending more, and for as long as `retryAfterMs` says.";
    Internal = "E_INTERNAL", 500, "Something went wrong on our side";
        cause: "A fault of ours; the log has it under the requestId.";
        mend: "Try again; if it stays, report the requestId.";
    Overloaded = "E_OVERLOADED", 503, "Too busy right now";
        cause: "More connections, or more work, than there is room for; or the database can't be reached. When it was \
            lost in the middle of the work, that may have been done all the same.";
        mend: "Wait for as long as Retry-After says, and a little at random; then repeat it with the same id or \
            Idempotency-Key, and nothing is done twice.";
    Unavailable = "E_UNAVAILABLE", 503, "Not available right now";
        cause: "It took too long and was given up, or the node is shutting down. It may have been done all the same.";
        mend: "Repeat it with the same id or Idempotency-Key; nothing is then done twice.";
}
