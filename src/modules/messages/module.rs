use std::sync::Arc;

use chrono::TimeDelta;

use super::{
    chores,
    controller::{
        MarksController, MembersController, MessageController, MessagesController, SearchController,
    },
    error,
    gateway::MessagesGateway,
    permissions,
    service::{MessagesService, PeoplePort},
};
use crate::{
    infra::{clock::Clock, db::Db},
    module::{Chore, Module, ModuleMeta, PermissionMeta},
    realtime::{Namespace, OwnFacts, Sockets, Streams},
};

/// What messaging needs.
pub struct MessagesDeps {
    pub db: Db,
    pub clock: Clock,
    pub streams: Streams,
    /// Who is told of conversations that they haven't joined.
    pub sockets: Arc<Sockets>,
    pub people: Arc<dyn PeoplePort>,
    /// How long a message may be edited; zero: never.
    pub edit_within: TimeDelta,
    /// How long what happens in conversations is kept; nothing: for ever.
    pub keep_for: Option<TimeDelta>,
}

/// Conversations and messages.
pub struct MessagesModule {
    service: Arc<MessagesService>,
    streams: Streams,
}

impl MessagesModule {
    pub fn new(deps: MessagesDeps) -> Self {
        Self { streams: deps.streams.clone(), service: Arc::new(MessagesService::new(deps)) }
    }

    pub fn controllers(
        &self,
    ) -> (MessagesController, MembersController, MarksController, MessageController, SearchController) {
        (
            MessagesController::new(self.service.clone()),
            MembersController::new(self.service.clone()),
            MarksController::new(self.service.clone()),
            MessageController::new(self.service.clone()),
            SearchController::new(self.service.clone()),
        )
    }

    /// Sending, for the seed.
    pub fn service(&self) -> Arc<MessagesService> {
        self.service.clone()
    }
}

impl Module for MessagesModule {
    fn meta(&self) -> ModuleMeta {
        ModuleMeta {
            name: "messages",
            purpose: "Conversations and messages",
            imports: &["users"],
            permissions: vec![
                PermissionMeta::of::<permissions::ReadMessages>(),
                PermissionMeta::of::<permissions::WriteMessages>(),
            ],
            problems: error::CODES,
        }
    }

    fn own_facts(&self) -> Vec<Arc<dyn OwnFacts>> {
        vec![self.service.clone()]
    }

    fn chores(&self) -> Vec<Chore> {
        let sweep: Chore = Box::pin(chores::sweep(self.service.clone()));
        let activity: Chore = Box::pin(chores::tell_activity(self.service.clone()));
        let retain = self.service.retention().map(|retention| Box::pin(retention.run()) as Chore);
        [sweep, activity].into_iter().chain(retain).collect()
    }

    fn gateways(&self, ns: &mut Namespace) {
        MessagesGateway::new(self.service.clone(), self.streams.clone()).mount(ns);
    }
}
