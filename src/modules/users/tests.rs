use std::sync::Arc;

use poem_openapi::types::MaybeUndefined::{Null, Undefined, Value};

use tokio_util::sync::CancellationToken;

use super::{NewAccount, UserError, UsersDeps, UsersModule, UsersService, dto::ProfileEdit};
use crate::{
    infra::scratch::Scratch,
    realtime::{Bus, Exchange, Notices, Presence, Sockets, Streams},
    wire::{PageQuery, Text, UserId},
};

/// An account, for the tests of other modules too.
pub async fn person(on: &Scratch, username: &str) -> UserId {
    account(on, username).await.unwrap()
}

async fn account(on: &Scratch, username: &str) -> Result<UserId, UserError> {
    let id = UserId::generate();
    let email = format!("{id}@example.com");
    let account =
        NewAccount { id, username: username.into(), email, display_name: None, created_at: on.clock.now() };
    let tx = on.db.begin().await?;
    UsersService::create(&tx, account).await?;
    tx.commit().await?;
    Ok(id)
}

fn module(on: &Scratch) -> UsersModule {
    let sockets = Arc::new(Sockets::new(on.metrics.clone(), on.clock.clone()));
    let bus = Bus::memory(&Exchange::default());
    let streams = Streams::new(on.db.clone(), bus.clone(), on.metrics.clone(), CancellationToken::new());
    let presence = Presence::new(sockets.clone(), bus.clone(), on.clock.clone());
    let notices = Arc::new(Notices { sockets, bus });
    UsersModule::new(UsersDeps { db: on.db.clone(), clock: on.clock.clone(), notices, streams, presence })
}

#[tokio::test]
async fn a_name_is_taken_whatever_its_case() {
    let on = Scratch::new().await;
    person(&on, "Ana").await;
    assert!(matches!(account(&on, "aNA").await, Err(UserError::UsernameTaken)));
}

#[tokio::test]
async fn what_an_edit_leaves_out_stays_and_null_clears() {
    let on = Scratch::new().await;
    let (users, ana) = (module(&on).service(), person(&on, "ana").await);
    let edit =
        |display_name, bio| ProfileEdit { display_name, bio, avatar_url: Undefined, presence_for: None };
    users.edit(ana, edit(Value(Text("Ana A.".into())), Value("soup".into()))).await.unwrap();
    let after = users.edit(ana, edit(Undefined, Null)).await.unwrap();
    assert_eq!((after.display_name.as_deref(), after.bio), (Some("Ana A."), None));
}

#[tokio::test]
async fn pages_go_by_name_and_end() {
    let on = Scratch::new().await;
    for name in ["cleo", "Ben", "ana"] {
        person(&on, name).await;
    }
    let users = module(&on).service();
    let names = |page: &crate::wire::Page<super::UserDto>| {
        page.items.iter().map(|user| user.username.clone()).collect::<Vec<_>>()
    };
    let first = users.list(None, PageQuery::new(Some(2), None).unwrap()).await.unwrap();
    assert_eq!(names(&first), ["ana", "Ben"]);
    let rest = users.list(None, PageQuery::new(Some(2), first.next_cursor).unwrap()).await.unwrap();
    assert_eq!((names(&rest), rest.next_cursor), (vec!["cleo".to_owned()], None));
}

#[tokio::test]
async fn who_is_missing_is_named() {
    let on = Scratch::new().await;
    let (ana, nobody) = (person(&on, "ana").await, UserId::generate());
    assert_eq!(module(&on).service().missing(ana, &[ana, nobody]).await.unwrap(), [nobody]);
}
