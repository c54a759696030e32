mod jobs;

use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;

use super::{
    dto::{AccountDto, AccountEdit, AccountFilter, AuditDto, Stats},
    entity,
    error::AdminError,
    store::{AdminStore, Counts},
};
use crate::{
    guards::{Caller, Gate, Role},
    infra::{
        clock::Clock,
        db::{Db, Tx},
        detached::to_the_end,
        process,
    },
    jobs::Letters,
    modules::users::{UserStatus, entity as user_rows},
    problem::Problem,
    realtime::{Sockets, Streams},
    wire::{Page, PageQuery, SessionId, UserId},
};

/// What sessions have to do with a change, inside a transaction of ours; the auth module fills it in.
#[async_trait]
pub trait SessionsPort: Send + Sync {
    /// Ends all of somebody's sessions, and says which they were.
    async fn suspend(&self, tx: &Tx, user: UserId, actor: Option<UserId>) -> Result<Vec<SessionId>, Problem>;

    /// Notes in the user's own stream that role or status are others now; the number of the event.
    async fn account_changed(&self, tx: &Tx, user: UserId, actor: Option<UserId>) -> Result<i64, Problem>;
}

/// The rules of administering. Cheap to clone: what must outlive its request takes a clone along.
#[derive(Clone)]
pub struct AdminService {
    deps: AdminServiceDeps,
    store: AdminStore,
    letters: Letters,
}

#[derive(Clone)]
pub struct AdminServiceDeps {
    pub db: Db,
    pub clock: Clock,
    pub gate: Arc<Gate>,
    pub sockets: Arc<Sockets>,
    pub streams: Streams,
    pub sessions: Arc<dyn SessionsPort>,
}

impl AdminService {
    pub fn new(deps: AdminServiceDeps) -> Self {
        Self { store: AdminStore::new(deps.db.clone()), letters: Letters::new(deps.db.clone()), deps }
    }

    /// Newest first.
    pub async fn list(
        &self,
        filter: AccountFilter,
        page: PageQuery<UserId>,
    ) -> Result<Page<AccountDto>, AdminError> {
        let rows = self.store.list(filter, &page).await?;
        Ok(page.page(rows, |row| row.id, AccountDto::from))
    }

    pub async fn get(&self, id: UserId) -> Result<AccountDto, AdminError> {
        Ok(self.store.find(id).await?.into())
    }

    /// Changes a role or a status, with its audit line in the same transaction. Goes on to the end even
    /// when the actor hangs up: whoever is suspended loses their sockets with the commit.
    pub async fn edit(
        &self,
        actor: UserId,
        id: UserId,
        edit: AccountEdit,
        caller: Caller,
    ) -> Result<AccountDto, AdminError> {
        if actor == id {
            return Err(AdminError::OwnAccount);
        }
        let this = self.clone();
        to_the_end(async move { this.edit_locked(actor, id, edit, &caller).await }).await
    }

    /// Both accounts are locked and the actor's is read again: two administrators can't shut each other
    /// out at once.
    async fn edit_locked(
        &self,
        actor: UserId,
        id: UserId,
        edit: AccountEdit,
        caller: &Caller,
    ) -> Result<AccountDto, AdminError> {
        let tx = self.deps.db.begin().await?;
        let locked = AdminStore::lock(&tx, &[actor, id]).await?;
        let find = |id| locked.iter().find(|account| account.id == id);
        let may_act =
            |actor: &user_rows::Model| actor.role == Role::Admin && actor.status == UserStatus::Active;
        if !find(actor).is_some_and(may_act) {
            return Err(AdminError::NoLongerAdmin);
        }
        let before = find(id).ok_or(AdminError::NotFound)?.clone();
        self.change(tx, before, edit, Some(actor), caller).await
    }

    /// Makes somebody an administrator, from the console of the machine that holds the database.
    pub async fn grant(&self, username: &str) -> Result<AccountDto, AdminError> {
        let tx = self.deps.db.begin().await?;
        let before = AdminStore::by_username(&tx, username).await?;
        let edit = AccountEdit { role: Some(Role::Admin), status: None };
        self.change(tx, before, edit, None, &Caller::default()).await
    }

    async fn change(
        &self,
        tx: Tx,
        before: user_rows::Model,
        edit: AccountEdit,
        actor: Option<UserId>,
        caller: &Caller,
    ) -> Result<AccountDto, AdminError> {
        let (id, now) = (before.id, self.deps.clock.now());
        let (role, status) = (edit.role.unwrap_or(before.role), edit.status.unwrap_or(before.status));
        let entry = |action: &str, detail: String| entity::Model {
            id: Uuid::now_v7(),
            at: now,
            actor_id: actor,
            action: action.to_owned(),
            subject_id: Some(id),
            detail,
            address: caller.address.clone(),
            request_id: caller.request_id.clone(),
        };
        if role != before.role {
            AdminStore::record(
                &tx,
                entry("user.role", format!("{:?} to {role:?}", before.role).to_lowercase()),
            )
            .await?;
        }
        let mut ended = Vec::new();
        if status != before.status {
            let detail = format!("{:?} to {status:?}", before.status).to_lowercase();
            AdminStore::record(&tx, entry("user.status", detail)).await?;
            if status == UserStatus::Suspended {
                ended = self.deps.sessions.suspend(&tx, id, actor).await?;
            }
        }
        let after = AdminStore::update(&tx, id, role, status, now).await?;
        if (role, status) == (before.role, before.status) {
            tx.commit().await?;
            return Ok(after.into());
        }
        let seq = self.deps.sessions.account_changed(&tx, id, actor).await?;
        tx.commit().await?;
        self.deps.gate.change(id);
        self.deps.gate.end(&ended, "accountSuspended");
        self.deps.streams.noted(id, seq);
        Ok(after.into())
    }

    pub async fn stats(&self) -> Result<Stats, AdminError> {
        let Counts { users, suspended_users, posts, conversations, events } = self.store.counts().await?;
        let sockets = self.deps.sockets.count() as u64;
        let memory = process::figures().map(|figures| figures.resident);
        Ok(Stats { users, suspended_users, posts, conversations, events, sockets, memory })
    }

    /// Newest first.
    pub async fn audit(
        &self,
        subject: Option<UserId>,
        actor: Option<UserId>,
        page: PageQuery<Uuid>,
    ) -> Result<Page<AuditDto>, AdminError> {
        let rows = self.store.audit(subject, actor, &page).await?;
        Ok(page.page(rows, |row| row.id, AuditDto::from))
    }
}
