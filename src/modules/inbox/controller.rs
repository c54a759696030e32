use std::sync::Arc;

use poem_openapi::{OpenApi, Tags, param::Query};

use super::{dto::OwnEventDto, service::InboxService};
use crate::{
    guards::SignedIn,
    problem::Refusal,
    wire::{CatchUp, Reply},
};

/// Reading one's own stream over REST.
pub struct InboxController {
    inbox: Arc<InboxService>,
}

impl InboxController {
    pub fn new(inbox: Arc<InboxService>) -> Self {
        Self { inbox }
    }
}

#[derive(Tags)]
enum Tag {
    /// What concerns me alone.
    Inbox,
}

#[OpenApi(tag = "Tag::Inbox")]
impl InboxController {
    /// What happened to me after a place, in order
    ///
    /// How to catch up after an absence: ask with the last `seq` I have until `hasMore` is false. A socket says
    /// where the stream is when it connects (`welcome`), and is pushed what comes after.
    #[oai(path = "/users/me/events", method = "get", operation_id = "listOwnEvents")]
    async fn events(
        &self,
        who: SignedIn,
        /// The seq of the last event I have; 0 for all.
        #[oai(validator(minimum(value = "0")))]
        after: Query<Option<i64>>,
        /// At most so many; 100 when absent.
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<Option<u64>>,
    ) -> Result<Reply<CatchUp<OwnEventDto>>, Refusal> {
        let (after, limit) = (after.0.unwrap_or(0), limit.0.unwrap_or(100));
        Ok(Reply(self.inbox.catch_up(who.user_id, after, limit).await?))
    }
}
