use std::sync::Arc;

use poem_openapi::{
    OpenApi, Tags,
    param::{Header, Path, Query},
};

use super::{
    dto::{Login, Refresh, Registration, SessionDto, SignedInDto},
    error::{AccountSuspended, CredentialsInvalid, RefreshInvalid, RefreshReused},
    service::AuthService,
};
use crate::{
    guards::{Caller, IdempotencyKey, Public, SignedIn},
    modules::users::{EmailTaken, UsernameTaken},
    problem::{
        Refusal,
        codes::{NotFound, SessionEnded},
    },
    wire::{Created, NoContent, Page, PageQuery, Reply, SessionId, Valid},
};

/// Signing in over REST.
pub struct AuthController {
    auth: Arc<AuthService>,
}

impl AuthController {
    pub fn new(auth: Arc<AuthService>) -> Self {
        Self { auth }
    }
}

#[derive(Tags)]
enum Tag {
    /// Registering, signing in and out, sessions.
    Auth,
}

#[OpenApi(tag = "Tag::Auth")]
impl AuthController {
    /// Make an account
    ///
    /// Signs in at once. With the same `Idempotency-Key` and the same password again, the account of the first time
    /// is signed in.
    #[oai(path = "/auth/register", method = "post", operation_id = "register")]
    async fn register(
        &self,
        _who: Public,
        #[oai(name = "Idempotency-Key")] key: Header<Option<IdempotencyKey>>,
        caller: Caller,
        body: Valid<Registration>,
    ) -> Result<
        Created<SignedInDto>,
        Refusal<(UsernameTaken, EmailTaken, CredentialsInvalid, AccountSuspended)>,
    > {
        let body = self.auth.register(body.0, key.0, &caller).await?;
        Ok(Created { location: format!("/users/{}", body.user.id), body })
    }

    /// Sign in
    ///
    /// By username or e-mail address, whichever case. Each sign-in is a session of its own.
    #[oai(path = "/auth/login", method = "post", operation_id = "login")]
    async fn login(
        &self,
        _who: Public,
        caller: Caller,
        body: Valid<Login>,
    ) -> Result<Reply<SignedInDto>, Refusal<(CredentialsInvalid, AccountSuspended)>> {
        Ok(Reply(self.auth.login(body.0, &caller).await?))
    }

    /// New tokens for a refresh token
    ///
    /// The token is good once; used again later, it ends the session. For 20 seconds it gives the same
    /// successor again.
    #[oai(path = "/auth/refresh", method = "post", operation_id = "refresh")]
    async fn refresh(
        &self,
        _who: Public,
        body: Valid<Refresh>,
    ) -> Result<Reply<SignedInDto>, Refusal<(RefreshInvalid, RefreshReused, SessionEnded, AccountSuspended)>>
    {
        Ok(Reply(self.auth.refresh(&body.0.refresh_token).await?))
    }

    /// Sign out
    ///
    /// Ends the refresh token's session and its sockets. Doing it again is no error.
    #[oai(path = "/auth/logout", method = "post", operation_id = "logout")]
    async fn logout(&self, _who: Public, body: Valid<Refresh>) -> Result<NoContent, Refusal<RefreshInvalid>> {
        self.auth.logout(&body.0.refresh_token).await?;
        Ok(NoContent)
    }

    /// My sessions, newest first
    ///
    /// Those that have neither been ended nor expired; `current` is the one that asks.
    #[oai(path = "/auth/sessions", method = "get", operation_id = "listSessions")]
    async fn sessions(
        &self,
        who: SignedIn,
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))] limit: Query<Option<u64>>,
        cursor: Query<Option<String>>,
    ) -> Result<Reply<Page<SessionDto>>, Refusal> {
        let page = PageQuery::new(limit.0, cursor.0)?;
        Ok(Reply(self.auth.sessions(*who, page).await?))
    }

    /// End one of my sessions
    ///
    /// Its tokens stop working and its sockets are cut at once.
    #[oai(path = "/auth/sessions/:id", method = "delete", operation_id = "endSession")]
    async fn end_session(
        &self,
        who: SignedIn,
        /// The session.
        id: Path<SessionId>,
    ) -> Result<NoContent, Refusal<NotFound>> {
        self.auth.end_session(*who, id.0).await?;
        Ok(NoContent)
    }

    /// End all my sessions, this one included
    ///
    /// Their tokens stop working and their sockets are cut at once.
    #[oai(path = "/auth/sessions", method = "delete", operation_id = "endAllSessions")]
    async fn end_all_sessions(&self, who: SignedIn) -> Result<NoContent, Refusal> {
        self.auth.end_all_sessions(*who).await?;
        Ok(NoContent)
    }
}
