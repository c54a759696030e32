use poem_openapi::types::ParseFromParameter;

use super::{
    NewPost, PostsDeps, PostsModule, PostsService,
    dto::PostEdit,
    entity::{PostId, reactions::ReactionKind},
    error::PostError,
};
use crate::{
    guards::IdempotencyKey,
    infra::scratch::Scratch,
    modules::users::person,
    problem::Problem,
    wire::{IfMatch, Text, UserId},
};

fn module(on: &Scratch) -> PostsModule {
    PostsModule::new(PostsDeps { db: on.db.clone(), clock: on.clock.clone() })
}

async fn write(posts: &PostsService, author: UserId, content: &str) -> PostId {
    posts.create(author, NewPost { content: Text(content.into()) }, None).await.unwrap().id
}

#[tokio::test]
async fn a_person_counts_once_however_often_they_change_their_mind() {
    let on = Scratch::new().await;
    let (posts, ana, ben) = (module(&on).service(), person(&on, "ana").await, person(&on, "ben").await);
    let id = write(&posts, ana, "soup").await;
    for kind in [ReactionKind::Like, ReactionKind::Like, ReactionKind::Love] {
        posts.react(ben, id, kind).await.unwrap();
    }
    let seen = posts.unreact(ben, id, ReactionKind::Like).await.unwrap();
    assert_eq!(seen.reactions, [("love".to_owned(), 1)].into());
    assert_eq!(posts.read(ana, id).await.unwrap().0.my_reaction, None, "it is Ben's");
    assert!(posts.unreact(ben, id, ReactionKind::Love).await.unwrap().reactions.is_empty());
}

#[tokio::test]
async fn only_its_author_edits_and_only_the_version_they_have_seen() {
    let on = Scratch::new().await;
    let (posts, ana, ben) = (module(&on).service(), person(&on, "ana").await, person(&on, "ben").await);
    let id = write(&posts, ana, "soup").await;
    let edit = |who, seen: Option<i32>| {
        let seen = IfMatch::parse(seen.map(|version| format!("\"{version}-0123456789abcdef\""))).unwrap();
        posts.edit(who, id, PostEdit { content: Text("stew".into()) }, seen)
    };
    assert!(matches!(edit(ben, None).await, Err(PostError::NotTheAuthor)));
    let (edited, version) = edit(ana, Some(1)).await.unwrap();
    assert_eq!((edited.content.as_str(), version), ("stew", 2));
    let late = Problem::from(edit(ana, Some(1)).await.unwrap_err());
    assert_eq!(late.code.name, "E_EDITED_MEANWHILE");
}

#[tokio::test]
async fn a_key_that_is_used_again_makes_nothing() {
    let on = Scratch::new().await;
    let (posts, ana) = (module(&on).service(), person(&on, "ana").await);
    let create = |content: &str| {
        let key = IdempotencyKey::parse_from_parameter("one").unwrap();
        posts.create(ana, NewPost { content: Text(content.into()) }, Some(key))
    };
    assert_eq!(create("soup").await.unwrap().id, create("soup").await.unwrap().id);
    let other = Problem::from(create("stew").await.unwrap_err());
    assert_eq!(other.code.name, "E_IDEMPOTENCY_REUSED");
}
