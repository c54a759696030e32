//! What happened in conversations is kept for as long as MESSAGE_RETENTION_DAYS says.

use std::sync::Arc;

use async_trait::async_trait;
use sea_orm::DbErr;

use super::MessagesService;
use crate::{
    infra::db::Tx,
    modules::messages::{events::kind, store::MessagesStore},
    realtime::{Forgets, Retention},
    wire::{ConversationId, StreamId},
};

impl MessagesService {
    /// Forgets what has had its time, if anything ever has.
    pub fn retention(&self) -> Option<Retention> {
        let (db, clock, of) = (self.db.clone(), self.clock.clone(), Arc::new(self.clone()));
        self.keep_for.map(|for_so_long| Retention { db, of, clock, for_so_long })
    }
}

#[async_trait]
impl Forgets for MessagesService {
    fn kinds(&self) -> Vec<&'static str> {
        kind::OF_CONVERSATIONS.to_vec()
    }

    /// Messages and their reactions, and what became of the group. The group itself stays as it is.
    async fn forget(&self, tx: &Tx, stream: StreamId, up_to: i64) -> Result<(), DbErr> {
        MessagesStore::forget(tx, ConversationId(stream.0), up_to).await
    }
}
