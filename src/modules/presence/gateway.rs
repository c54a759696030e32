//! Presence over Socket.IO.

use std::sync::Arc;

use super::{
    events::{WatchPayload, WatchPresence},
    permissions::ReadPresence,
    service::PresenceService,
};
use crate::{
    guards::Can,
    realtime::{Client, Namespace, PresenceDto, Reply},
};

/// The events of this feature.
#[derive(Clone)]
pub struct PresenceGateway {
    presence: Arc<PresenceService>,
}

impl PresenceGateway {
    pub fn new(presence: Arc<PresenceService>) -> Self {
        Self { presence }
    }

    pub fn mount(self, ns: &mut Namespace) {
        ns.on_replying::<WatchPresence, Can<ReadPresence>>((self, Self::watch));
        ns.sends::<PresenceDto>();
    }

    async fn watch(
        self,
        client: Arc<Client>,
        who: Can<ReadPresence>,
        watch: WatchPayload,
        reply: Reply,
    ) -> &'static str {
        self.presence.watch(who.user_id, &client, &watch.user_ids, reply).await
    }
}
