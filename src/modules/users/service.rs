mod blocks;

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{
    dto::{ProfileEdit, UserDto},
    entity::{Model, PresenceFor, UserStatus},
    error::UserError,
    module::UsersDeps,
    store::UsersStore,
};
use crate::{
    guards::Role,
    infra::{
        clock::Clock,
        db::{Db, Tx},
    },
    realtime::{Notices, Presence, Streams},
    wire::{Page, PageQuery, UserId},
};

/// The rules about accounts. Cheap to clone: what must outlive its request takes a clone along.
#[derive(Clone)]
pub struct UsersService {
    db: Db,
    store: UsersStore,
    clock: Clock,
    notices: Arc<Notices>,
    streams: Streams,
    presence: Presence,
}

/// What an account begins with.
pub struct NewAccount {
    pub id: UserId,
    pub username: String,
    pub email: String,
    pub display_name: Option<String>,
    pub created_at: DateTime<Utc>,
}

impl UsersService {
    pub fn new(UsersDeps { db, clock, notices, streams, presence }: UsersDeps) -> Self {
        Self { store: UsersStore::new(db.clone()), db, clock, notices, streams, presence }
    }

    /// The person as they see themselves.
    pub async fn me(&self, id: UserId) -> Result<UserDto, UserError> {
        Ok(UserDto::own(self.store.find(id).await?))
    }

    /// The person as others see them, by id or by username.
    pub async fn look_up(&self, id_or_username: &str) -> Result<UserDto, UserError> {
        let found = match id_or_username.parse() {
            Ok(id) => self.store.find(id).await?,
            Err(_) => self.store.find_by_username(id_or_username).await?,
        };
        Ok(UserDto::public(found))
    }

    pub async fn list(
        &self,
        text: Option<&str>,
        page: PageQuery<String>,
    ) -> Result<Page<UserDto>, UserError> {
        let rows = self.store.list(text, &page).await?;
        Ok(page.page(rows, |row| row.username_key.clone(), UserDto::public))
    }

    pub async fn edit(&self, id: UserId, edit: ProfileEdit) -> Result<UserDto, UserError> {
        let shows_otherwise = edit.presence_for.is_some();
        let edited = self.store.update(id, edit.into(), self.clock.now()).await?;
        if shows_otherwise {
            self.presence.look_again(id);
        }
        Ok(UserDto::own(edited))
    }

    /// Makes an account inside the caller's transaction.
    pub async fn create(tx: &Tx, account: NewAccount) -> Result<Model, UserError> {
        let NewAccount { id, username, email, display_name, created_at } = account;
        let model = Model {
            id,
            username_key: username.to_lowercase(),
            username,
            email_key: email.to_lowercase(),
            email,
            display_name,
            bio: None,
            avatar_url: None,
            role: Role::User,
            status: UserStatus::Active,
            presence_for: PresenceFor::default(),
            last_seen_at: None,
            created_at,
            updated_at: created_at,
        };
        UsersStore::insert(tx, model).await
    }

    /// Those of these ids that no active account has, or somebody who has blocked the asker: the same to them.
    pub async fn missing(&self, asker: UserId, ids: &[UserId]) -> Result<Vec<UserId>, UserError> {
        let existing = self.store.reachable(asker, ids).await?;
        Ok(ids.iter().copied().filter(|id| !existing.contains(id)).collect())
    }

    /// Stores that these people were here at these moments; of several, the latest.
    pub async fn seen(&self, people: &[(UserId, DateTime<Utc>)]) -> Result<(), UserError> {
        self.store.seen(people).await
    }

    /// How many accounts there are.
    pub async fn count(&self) -> Result<u64, UserError> {
        self.store.count().await
    }

    /// The account of this name.
    pub async fn by_username(&self, username: &str) -> Result<Model, UserError> {
        self.store.find_by_username(username).await
    }
}
