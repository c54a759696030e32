use std::sync::Arc;

use poem_openapi::types::ParseFromParameter;
use tokio_util::sync::CancellationToken;

use super::{
    WidgetsDeps, WidgetsModule,
    dto::{NewWidget, WidgetDto, WidgetEdit},
    entity::{WidgetChangeKind, WidgetId},
    error::WidgetError,
    service::WidgetsService,
};
use crate::{
    guards::IdempotencyKey,
    infra::scratch::Scratch,
    modules::users::person,
    realtime::{Bus, Exchange, Streams},
    wire::{IfMatch, PageQuery, Text, UserId},
};

/// The module alone, on a database of its own, and two people.
struct Alone {
    module: WidgetsModule,
    ana: UserId,
    ben: UserId,
    _scratch: Scratch,
}

impl Alone {
    async fn new() -> Self {
        let scratch = Scratch::new().await;
        let (ana, ben) = (person(&scratch, "ana").await, person(&scratch, "ben").await);
        let Scratch { db, clock, metrics, .. } = &scratch;
        let (db, clock, stop) = (db.clone(), clock.clone(), CancellationToken::new());
        let bus = Bus::memory(&Exchange::default());
        let streams = Streams::new(db.clone(), bus, metrics.clone(), stop);
        let module = WidgetsModule::new(WidgetsDeps { db, clock, streams });
        Self { module, ana, ben, _scratch: scratch }
    }

    fn service(&self) -> Arc<WidgetsService> {
        self.module.service()
    }

    async fn made(&self, title: &str) -> WidgetDto {
        self.service().create(self.ana, new(title), None).await.unwrap()
    }
}

fn new(title: &str) -> NewWidget {
    NewWidget { title: Text(title.into()) }
}

fn edit(title: &str) -> WidgetEdit {
    WidgetEdit { title: Text(title.into()) }
}

#[tokio::test]
async fn what_was_made_is_listed_newest_first_page_by_page() {
    let alone = Alone::new().await;
    let (first, second) = (alone.made("first").await, alone.made("second").await);
    let page = async |limit, cursor| {
        alone.service().list(alone.ana, PageQuery::new(Some(limit), cursor).unwrap()).await.unwrap()
    };
    assert_eq!(page(20, None).await.items, [second.clone(), first.clone()]);
    let top = page(1, None).await;
    assert_eq!(top.items, [second]);
    assert_eq!(page(1, top.next_cursor).await.items, [first]);
}

#[tokio::test]
async fn nobody_else_sees_changes_or_deletes_it() {
    let alone = Alone::new().await;
    let (service, ben) = (alone.service(), alone.ben);
    let mine = alone.made("mine").await;
    let none = || IfMatch::parse(None).unwrap();
    assert!(matches!(service.read(ben, mine.id).await, Err(WidgetError::NotFound)));
    assert!(matches!(service.edit(ben, mine.id, edit("his"), none()).await, Err(WidgetError::NotFound)));
    assert!(matches!(service.delete(ben, mine.id, none()).await, Err(WidgetError::NotFound)));
    assert!(service.list(ben, PageQuery::new(None, None).unwrap()).await.unwrap().items.is_empty());
    assert_eq!(service.read(alone.ana, mine.id).await.unwrap().0, mine);
}

#[tokio::test]
async fn the_same_key_again_makes_nothing_new() {
    let alone = Alone::new().await;
    let key = || Some(IdempotencyKey::parse_from_parameter("once").unwrap());
    let first = alone.service().create(alone.ana, new("once"), key()).await.unwrap();
    assert_eq!(alone.service().create(alone.ana, new("once"), key()).await.unwrap(), first);
    assert!(alone.service().create(alone.ana, new("another"), key()).await.is_err());
    let page = alone.service().changes(alone.ana, 0, 100).await.unwrap();
    assert_eq!(page.head_seq, 1);
}

#[tokio::test]
async fn a_change_to_what_was_edited_meanwhile_is_refused() {
    let alone = Alone::new().await;
    let id = alone.made("first").await.id;
    let seen = || IfMatch::parse(Some("\"1-0123456789abcdef\"".into())).unwrap();
    let (edited, version) = alone.service().edit(alone.ana, id, edit("second"), seen()).await.unwrap();
    assert_eq!((edited.title.as_str(), version), ("second", 2));
    assert!(alone.service().edit(alone.ana, id, edit("third"), seen()).await.is_err());
    assert!(alone.service().delete(alone.ana, id, seen()).await.is_err());
    assert_eq!(alone.service().read(alone.ana, id).await.unwrap().0.title, "second");
}

#[tokio::test]
async fn every_change_has_the_next_number_and_is_kept() {
    let alone = Alone::new().await;
    let none = || IfMatch::parse(None).unwrap();
    let id = alone.made("short-lived").await.id;
    alone.service().edit(alone.ana, id, edit("edited"), none()).await.unwrap();
    alone.service().delete(alone.ana, id, none()).await.unwrap();
    assert!(alone.service().delete(alone.ana, WidgetId::generate(), none()).await.is_err());

    let page = alone.service().changes(alone.ana, 0, 100).await.unwrap();
    let kinds: Vec<_> = page.items.iter().map(|change| (change.seq, change.kind)).collect();
    let all = [(1, WidgetChangeKind::Created), (2, WidgetChangeKind::Edited), (3, WidgetChangeKind::Deleted)];
    assert_eq!(kinds, all);
    assert!(page.items.iter().all(|change| change.id == id && change.now.is_none()), "it is gone by now");

    let rest = alone.service().changes(alone.ana, 1, 1).await.unwrap();
    assert_eq!((rest.items[0].seq, rest.head_seq, rest.has_more), (2, 3, true));
    assert!(alone.service().changes(alone.ben, 0, 100).await.unwrap().items.is_empty());
}
