use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;

use super::{
    dto::{Login, Registration, SessionDto, SignedInDto},
    entity::{credentials, reason, sessions},
    error::AuthError,
    hasher::{Hasher, Verdict},
    refresh_token::{RefreshKey, RefreshToken, stored_hash},
    sessions::Sessions,
    store::{Account, AuthStore, Which},
};
use crate::{
    guards::{Caller, Claim, Fingerprint, Gate, IdempotencyKey, Principal},
    infra::{clock::Clock, db::Db, detached::to_the_end},
    modules::users::{NewAccount, UserDto, UserStatus, UsersService, entity as user_rows},
    realtime::Streams,
    wire::{Page, PageQuery, SessionId, UserId},
};

/// For so long after a rotation the old token still gets its successor: two tabs that refresh at once
/// don't sign their user out.
const GRACE: TimeDelta = TimeDelta::seconds(20);

/// The rules of signing in.
pub struct AuthService {
    deps: AuthServiceDeps,
    store: AuthStore,
}

pub struct AuthServiceDeps {
    pub db: Db,
    pub clock: Clock,
    pub gate: Arc<Gate>,
    pub sessions: Arc<Sessions>,
    pub streams: Streams,
    pub hasher: Hasher,
    pub refresh_key: RefreshKey,
    pub refresh_ttl: Duration,
    pub password_min: usize,
}

impl AuthService {
    pub fn new(deps: AuthServiceDeps) -> Self {
        Self { store: AuthStore::new(deps.db.clone()), deps }
    }

    /// Gives back memory that hashing doesn't need just now, for ever.
    pub fn give_memory_back(&self) -> impl Future<Output = ()> + use<> {
        self.deps.hasher.give_back()
    }

    /// Makes an account and signs it in. The same idempotency key again, with the same password,
    /// signs the same account in.
    pub async fn register(
        &self,
        new: Registration,
        key: Option<IdempotencyKey>,
        caller: &Caller,
    ) -> Result<SignedInDto, AuthError> {
        let Registration { email, username, password, display_name } = new;
        let display_name = display_name.map(String::from);
        if password.chars().count() < self.deps.password_min {
            return Err(AuthError::PasswordShort(self.deps.password_min));
        }
        // Not over the password: a fingerprint is quick to guess at.
        let fingerprint = Fingerprint::of(&[Some(&email.0), Some(&username), display_name.as_deref()]);
        let password_hash = self.deps.hasher.hash(password.clone()).await?;
        let (id, created_at) = (UserId::generate(), self.deps.clock.now());

        let tx = self.deps.db.begin().await?;
        if let Some(key) = key
            && let Claim::Repeated(earlier) =
                key.claim(&tx, None, "register", &fingerprint, id.0, created_at).await?
        {
            tx.rollback().await?;
            return self.register_again(UserId(earlier), password, caller).await;
        }
        let account = NewAccount { id, username, email: email.0, display_name, created_at };
        let user = UsersService::create(&tx, account).await?;
        let credentials = credentials::Model { user_id: id, password_hash, changed_at: created_at };
        AuthStore::insert_credentials(&tx, credentials).await?;
        let (session, refresh_token) = self.new_session(id, caller);
        let session_id = session.id;
        AuthStore::insert_session_in(&tx, session).await?;
        tx.commit().await?;
        self.signed_in(user, session_id, refresh_token)
    }

    /// The account was made by an earlier request with this key; its password must be the same.
    async fn register_again(
        &self,
        id: UserId,
        password: String,
        caller: &Caller,
    ) -> Result<SignedInDto, AuthError> {
        let account = self.store.account_by_id(id).await?;
        self.enter(account, password, caller).await
    }

    pub async fn login(&self, login: Login, caller: &Caller) -> Result<SignedInDto, AuthError> {
        let account = self.store.account_by_login(&login.login).await?;
        self.enter(account, login.password, caller).await
    }

    /// Checks the password, also when there is no account, and opens a session.
    async fn enter(
        &self,
        account: Option<Account>,
        password: String,
        caller: &Caller,
    ) -> Result<SignedInDto, AuthError> {
        let (user, stored) = account.unzip();
        let verdict = self.deps.hasher.verify(password.clone(), stored).await?;
        let (Some(user), true) = (user, verdict != Verdict::Wrong) else {
            return Err(AuthError::Credentials);
        };
        if user.status == UserStatus::Suspended {
            return Err(AuthError::Suspended);
        }
        if verdict == Verdict::RightButWeak {
            let stronger = self.deps.hasher.hash(password).await?;
            self.store.set_password_hash(user.id, stronger).await?;
        }
        let (session, refresh_token) = self.new_session(user.id, caller);
        let session_id = session.id;
        self.store.insert_session(session).await?;
        self.signed_in(user, session_id, refresh_token)
    }

    /// Gives the token's successor. An old token after the grace ends the whole family: either its
    /// owner or somebody else has used a copy.
    pub async fn refresh(&self, text: &str) -> Result<SignedInDto, AuthError> {
        let token = self.deps.refresh_key.read(text).ok_or(AuthError::RefreshInvalid)?;
        let now = self.deps.clock.now();
        let successor = RefreshToken { generation: token.generation + 1, ..token };
        let successor_text = self.deps.refresh_key.write(successor);
        let (presented, next) = (stored_hash(text), stored_hash(&successor_text));
        let rotated = self.store.rotate(token.session, token.generation, presented, next, now).await?;

        let (session, user) = self.store.session(token.session).await?.ok_or(AuthError::RefreshInvalid)?;
        if session.revoked_at.is_some() || session.expires_at <= now || user.status == UserStatus::Suspended {
            return Err(AuthError::SessionEnded);
        }
        if rotated || (session.generation == successor.generation && now - session.rotated_at <= GRACE) {
            return self.signed_in(user, token.session, successor_text);
        }
        if token.generation >= session.generation {
            return Err(AuthError::RefreshInvalid);
        }
        self.end(Which::One(token.session), reason::REFRESH_TOKEN_REUSED, None).await?;
        tracing::warn!(user = %user.id, session = %token.session, "a refresh token was used again; the session is ended");
        Err(AuthError::RefreshReused)
    }

    /// Ends the token's session; again is no error.
    pub async fn logout(&self, text: &str) -> Result<(), AuthError> {
        let token = self.deps.refresh_key.read(text).ok_or(AuthError::RefreshInvalid)?;
        self.end(Which::One(token.session), reason::LOGGED_OUT, None).await?;
        Ok(())
    }

    /// Newest first.
    pub async fn sessions(
        &self,
        who: Principal,
        page: PageQuery<SessionId>,
    ) -> Result<Page<SessionDto>, AuthError> {
        let rows = self.store.sessions_of(who.user_id, self.deps.clock.now(), &page).await?;
        Ok(page.page(rows, |row| row.id, |row| session_dto(row, who.session_id)))
    }

    pub async fn end_session(&self, who: Principal, id: SessionId) -> Result<(), AuthError> {
        let which = Which::OneOf(who.user_id, id);
        match self.end(which, reason::SESSION_ENDED, Some(who.user_id)).await? {
            0 => Err(AuthError::NoSuchSession),
            _ => Ok(()),
        }
    }

    pub async fn end_all_sessions(&self, who: Principal) -> Result<(), AuthError> {
        self.end(Which::AllOf(who.user_id), reason::SESSION_ENDED, Some(who.user_id)).await?;
        Ok(())
    }

    /// Ends these sessions and their sockets, and says how many. Goes on to the end even when the asker
    /// hangs up: sessions that have ended but whose sockets weren't told would be worse than either.
    async fn end(
        &self,
        which: Which,
        reason: &'static str,
        actor: Option<UserId>,
    ) -> Result<usize, AuthError> {
        let AuthServiceDeps { sessions, gate, streams, .. } = &self.deps;
        let (sessions, gate, streams) = (sessions.clone(), gate.clone(), streams.clone());
        to_the_end(async move {
            let Some(ended) = sessions.end(which, reason, actor).await? else { return Ok(0) };
            gate.end(&ended.sessions, reason);
            streams.noted(ended.user, ended.seq);
            Ok(ended.sessions.len())
        })
        .await
    }

    fn new_session(&self, user_id: UserId, caller: &Caller) -> (sessions::Model, String) {
        let (id, now) = (SessionId::generate(), self.deps.clock.now());
        let refresh_token = self.deps.refresh_key.write(RefreshToken { session: id, generation: 0 });
        let ttl = TimeDelta::from_std(self.deps.refresh_ttl).unwrap_or(TimeDelta::MAX);
        let session = sessions::Model {
            id,
            user_id,
            user_agent: caller.user_agent.clone(),
            address: caller.address.clone(),
            created_at: now,
            last_used_at: now,
            expires_at: now + ttl,
            generation: 0,
            rotated_at: now,
            refresh_hash: stored_hash(&refresh_token),
            revoked_at: None,
            revoked_reason: None,
        };
        (session, refresh_token)
    }

    fn signed_in(
        &self,
        user: user_rows::Model,
        session: SessionId,
        refresh_token: String,
    ) -> Result<SignedInDto, AuthError> {
        let keys = self.deps.gate.keys();
        Ok(SignedInDto {
            access_token: keys.sign(user.id, session, self.deps.clock.now())?,
            expires_in: keys.ttl_seconds(),
            refresh_token,
            user: UserDto::own(user),
        })
    }
}

fn session_dto(row: sessions::Model, current: SessionId) -> SessionDto {
    let sessions::Model { id, user_agent, address, created_at, last_used_at, expires_at, .. } = row;
    SessionDto {
        id,
        current: id == current,
        user_agent,
        address,
        created_at: created_at.into(),
        last_used_at: last_used_at.into(),
        expires_at: expires_at.into(),
    }
}
