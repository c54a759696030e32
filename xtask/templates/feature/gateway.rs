//! ~Widgets~ over Socket.IO.

use std::sync::Arc;

use super::{
    dto::{NewWidget, WidgetChangeDto, WidgetDto},
    events::{Create, Follow, FollowPayload, Unfollow},
    permissions::{ReadWidgets, WriteWidgets},
    service::{WidgetsService, stream_of},
};
use crate::{
    guards::Can,
    problem::Problem,
    realtime::{Client, Joining, Namespace, Nothing, Reply, Streams},
};

/// Changes that the answer to following holds at most; following again, after the last, gives more.
const PAGE: u64 = 100;

/// The events of this feature.
#[derive(Clone)]
pub struct WidgetsGateway {
    service: Arc<WidgetsService>,
    streams: Streams,
}

impl WidgetsGateway {
    pub fn new(service: Arc<WidgetsService>, streams: Streams) -> Self {
        Self { service, streams }
    }

    pub fn mount(&self, ns: &mut Namespace) {
        ns.on_replying::<Follow, Can<ReadWidgets>>((self.clone(), Self::follow));
        ns.on::<Unfollow, Can<ReadWidgets>>((self.clone(), Self::unfollow));
        ns.on::<Create, Can<WriteWidgets>>((self.clone(), Self::create));
        ns.sends::<WidgetChangeDto>();
    }

    async fn follow(
        self,
        client: Arc<Client>,
        who: Can<ReadWidgets>,
        follow: FollowPayload,
        reply: Reply,
    ) -> &'static str {
        let changes = async {
            let page = self.service.changes(who.user_id, follow.after, PAGE).await?;
            Ok((page.head_seq, page))
        };
        let (stream, source) = (stream_of(who.user_id), self.service.source());
        self.streams.join(Joining { stream, client, source, reply }, changes, |_, _| {}).await
    }

    async fn unfollow(
        self,
        client: Arc<Client>,
        who: Can<ReadWidgets>,
        _: Nothing,
    ) -> Result<Nothing, Problem> {
        self.streams.leave(stream_of(who.user_id), &client);
        Ok(Nothing {})
    }

    async fn create(
        self,
        _: Arc<Client>,
        who: Can<WriteWidgets>,
        new: NewWidget,
    ) -> Result<WidgetDto, Problem> {
        Ok(self.service.create(who.user_id, new, None).await?)
    }
}
