//! The rules of conversations.

mod activity;
mod changing;
mod expiring;
mod group;
mod hiding;
mod marks;
mod members;
mod reacting;
mod reading;
mod retaining;
mod rights;
mod search;
mod send;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{Datelike, TimeDelta};

use send::Sending;

use super::{
    MessagesDeps,
    dto::{ConversationDto, NewConversation},
    entity::{ConversationKind, MemberRole, conversations, members as member_rows},
    error::MessageError,
    store::{ByActivity, MessagesStore},
};
use crate::{
    guards::{Claim, Fingerprint, IdempotencyKey},
    infra::{clock::Clock, db::Db},
    problem::{FieldError, Problem, codes},
    realtime::{Sight, Sockets, Streams, Together},
    wire::{ConversationId, Page, PageQuery, UserId},
};

/// Members of one conversation.
const MAX_MEMBERS: usize = 1000;

/// Who exists; the users module fills it in.
#[async_trait]
pub trait PeoplePort: Send + Sync {
    /// Those of these ids that nobody has who may sign in and takes messages from the asker.
    async fn missing(&self, asker: UserId, ids: &[UserId]) -> Result<Vec<UserId>, Problem>;
}

/// Cheap to clone: what must outlive its request takes a clone along.
#[derive(Clone)]
pub struct MessagesService {
    db: Db,
    store: Arc<MessagesStore>,
    clock: Clock,
    streams: Streams,
    sockets: Arc<Sockets>,
    people: Arc<dyn PeoplePort>,
    sends: Arc<Together<Sending>>,
    edit_within: TimeDelta,
    keep_for: Option<TimeDelta>,
}

impl MessagesService {
    pub fn new(deps: MessagesDeps) -> Self {
        let MessagesDeps { db, clock, streams, sockets, people, edit_within, keep_for } = deps;
        let store = Arc::new(MessagesStore::new(db.clone()));
        let sending = Sending { db: db.clone(), clock: clock.clone(), streams: streams.clone() };
        let sends = streams.together(sending);
        Self { db, store, clock, streams, sockets, people, sends, edit_within, keep_for }
    }

    /// Begins a conversation. Two people without a name: the one they have, if they have one; the
    /// flag says so.
    pub async fn create(
        &self,
        creator: UserId,
        new: NewConversation,
        key: Option<IdempotencyKey>,
    ) -> Result<(ConversationDto, bool), MessageError> {
        let NewConversation { member_ids, name } = new;
        let name = name.map(String::from);
        let others: Vec<UserId> = member_ids.iter().copied().filter(|id| *id != creator).collect();
        self.must_exist(creator, "/memberIds", &member_ids).await?;
        let direct_key = match (others.as_slice(), &name) {
            ([], _) => {
                return Err(Problem::invalid_field("/memberIds", "too_few", "must name somebody else").into());
            }
            ([other], None) if self.store.has_blocked(creator, *other).await? => {
                return Err(MessageError::BlockedThem);
            }
            ([other], None) => Some(direct_key(creator, *other)),
            _ => None,
        };

        let (id, now) = (ConversationId::generate(), self.clock.now());
        let tx = self.db.begin().await?;
        if let Some(key) = key {
            let ids: Vec<String> = member_ids.iter().map(UserId::to_string).collect();
            let fingerprint = Fingerprint::of(&[Some(&ids.join(",")), name.as_deref()]);
            let claim = key.claim(&tx, Some(creator), "createConversation", &fingerprint, id.0, now).await?;
            if let Claim::Repeated(earlier) = claim {
                tx.rollback().await?;
                return Ok((self.get(creator, ConversationId(earlier)).await?, true));
            }
        }
        let kind = if direct_key.is_some() { ConversationKind::Direct } else { ConversationKind::Group };
        let row = conversations::Model {
            id,
            kind,
            name,
            direct_key: direct_key.clone(),
            created_by: Some(creator),
            created_at: now,
            version: 1,
        };
        if !MessagesStore::insert_conversation(&tx, row).await? {
            tx.rollback().await?;
            let existing = self.store.direct(&direct_key.unwrap_or_default()).await?;
            return Ok((self.get(creator, existing).await?, true));
        }
        let member = |user_id, role| member_rows::Model {
            conversation_id: id,
            user_id,
            role,
            joined_at: now,
            last_read_seq: 0,
            last_delivered_seq: 0,
            muted_until: None,
        };
        let owner = std::iter::once(member(creator, MemberRole::Owner));
        let members = owner.chain(others.into_iter().map(|id| member(id, MemberRole::Member))).collect();
        MessagesStore::insert_members(&tx, members).await?;
        Streams::create(&tx, id.into(), now).await?;
        tx.commit().await?;
        Ok((self.get(creator, id).await?, false))
    }

    pub async fn get(&self, asker: UserId, id: ConversationId) -> Result<ConversationDto, MessageError> {
        Ok(self.read(asker, id).await?.0)
    }

    /// With the version that `If-Match` can name.
    pub async fn read(
        &self,
        asker: UserId,
        id: ConversationId,
    ) -> Result<(ConversationDto, i32), MessageError> {
        let now = self.clock.now();
        let row = self.store.conversation(asker, id, now).await?;
        let version = row.version;
        Ok((ConversationDto::of(row, now), version))
    }

    /// For each pair of a watched person and a watcher who share a conversation what the one may see of the other.
    pub async fn sights(&self, pairs: &[(UserId, UserId)]) -> Result<Vec<Sight>, MessageError> {
        self.store.sights(pairs).await
    }

    /// Mine, by latest activity.
    pub async fn list(
        &self,
        asker: UserId,
        page: PageQuery<ByActivity>,
    ) -> Result<Page<ConversationDto>, MessageError> {
        if page.after.is_some_and(|(last_at, _)| !(1970..=9999).contains(&last_at.year())) {
            return Err(
                Problem::of::<codes::CursorInvalid>("Use a nextCursor as it was given, or none.").into()
            );
        }
        let now = self.clock.now();
        let rows = self.store.conversations(asker, &page, now).await?;
        Ok(page.page(rows, |row| (row.last_at, row.id), |row| ConversationDto::of(row, now)))
    }

    /// Every id names somebody whom the asker may write to, or each that doesn't is pointed at.
    async fn must_exist(&self, asker: UserId, pointer: &str, ids: &[UserId]) -> Result<(), MessageError> {
        let missing = self.people.missing(asker, ids).await?;
        let fault = |(place, id): (usize, &UserId)| {
            missing.contains(id).then(|| FieldError {
                pointer: format!("{pointer}/{place}"),
                code: "no_such_user".into(),
                detail: "must name somebody who has an account and can be reached".into(),
            })
        };
        let faults: Vec<FieldError> = ids.iter().enumerate().filter_map(fault).collect();
        if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults).into()) }
    }
}

/// The same for both, whoever begins.
fn direct_key(a: UserId, b: UserId) -> String {
    format!("{}:{}", a.min(b), a.max(b))
}
