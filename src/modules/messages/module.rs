use std::sync::Arc;

use super::{
    controller::{MembersController, MessagesController},
    error,
    gateway::MessagesGateway,
    permissions,
    service::{MessagesService, PeoplePort},
};
use crate::{
    infra::{clock::Clock, db::Db},
    module::{Module, ModuleMeta, PermissionMeta},
    realtime::{Namespace, Streams},
};

/// What messaging needs.
pub struct MessagesDeps {
    pub db: Db,
    pub clock: Clock,
    pub streams: Streams,
    pub people: Arc<dyn PeoplePort>,
}

/// Conversations and messages.
pub struct MessagesModule {
    service: Arc<MessagesService>,
    streams: Streams,
}

impl MessagesModule {
    pub fn new(MessagesDeps { db, clock, streams, people }: MessagesDeps) -> Self {
        Self { service: Arc::new(MessagesService::new(db, clock, streams.clone(), people)), streams }
    }

    pub fn controllers(&self) -> (MessagesController, MembersController) {
        (MessagesController::new(self.service.clone()), MembersController::new(self.service.clone()))
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

    fn gateways(&self, ns: &mut Namespace) {
        MessagesGateway::new(self.service.clone(), self.streams.clone()).mount(ns);
    }
}
