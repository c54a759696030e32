use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;

use super::{
    MessagesDeps, MessagesModule, MessagesService, NewConversation, NewMessage, PeoplePort,
    dto::NewMembers,
    entity::{ConversationKind, MemberRole},
    error::MessageError,
};
use crate::{
    infra::scratch::Scratch,
    modules::users::person,
    problem::Problem,
    realtime::{Bus, Exchange, Sockets, Streams},
    wire::{ConversationId, MessageId, PageQuery, Text, UserId},
};

/// Everybody exists, but for these.
struct AllBut(Vec<UserId>);

#[async_trait]
impl PeoplePort for AllBut {
    async fn missing(&self, _: UserId, ids: &[UserId]) -> Result<Vec<UserId>, Problem> {
        Ok(ids.iter().copied().filter(|id| self.0.contains(id)).collect())
    }
}

fn module(on: &Scratch, people: AllBut) -> MessagesModule {
    let streams = Streams::new(
        on.db.clone(),
        Bus::memory(&Exchange::default()),
        on.metrics.clone(),
        CancellationToken::new(),
    );
    MessagesModule::new(MessagesDeps {
        db: on.db.clone(),
        clock: on.clock.clone(),
        streams,
        sockets: Arc::new(Sockets::new(on.metrics.clone(), on.clock.clone())),
        people: Arc::new(people),
        keep_for: None,
        edit_within: TimeDelta::minutes(15),
    })
}

async fn begin(
    messages: &MessagesService,
    creator: UserId,
    members: &[UserId],
    name: Option<&str>,
) -> Result<ConversationId, Problem> {
    let new = NewConversation { member_ids: members.to_vec(), name: name.map(|name| Text(name.into())) };
    Ok(messages.create(creator, new, None).await?.0.id)
}

fn message(id: MessageId, content: &str) -> NewMessage {
    NewMessage {
        message_id: id,
        content: Text(content.into()),
        kind: None,
        reply_to: None,
        expires_in_secs: None,
    }
}

#[tokio::test]
async fn whoever_does_not_exist_is_pointed_at() {
    let on = Scratch::new().await;
    let (ana, ben, nobody) = (person(&on, "ana").await, person(&on, "ben").await, UserId::generate());
    let messages = module(&on, AllBut(vec![nobody])).service();
    let problem = begin(&messages, ana, &[ben, nobody], None).await.unwrap_err();
    let pointers: Vec<_> = problem.errors.iter().map(|error| error.pointer.as_str()).collect();
    assert_eq!(pointers, ["/memberIds/1"]);
}

#[tokio::test]
async fn the_same_message_again_takes_no_number_and_another_of_its_id_is_refused() {
    let on = Scratch::new().await;
    let (ana, ben) = (person(&on, "ana").await, person(&on, "ben").await);
    let messages = module(&on, AllBut(vec![])).service();
    let chat = begin(&messages, ana, &[ben], None).await.unwrap();
    let id = MessageId::generate();
    let (first, repeated) = messages.send(ana, chat, message(id, "soup")).await.unwrap();
    assert_eq!((first.seq, repeated), (1, false));
    let (again, repeated) = messages.send(ana, chat, message(id, "soup")).await.unwrap();
    assert_eq!((again.seq, repeated), (1, true));
    assert!(matches!(messages.send(ana, chat, message(id, "stew")).await, Err(MessageError::IdTaken)));
    assert!(matches!(messages.send(ben, chat, message(id, "soup")).await, Err(MessageError::IdTaken)));
    let next = messages.send(ben, chat, message(MessageId::generate(), "stew")).await.unwrap().0;
    assert_eq!(next.seq, 2, "what was refused has burnt no number");
}

#[tokio::test]
async fn when_the_owner_leaves_the_longest_member_owns() {
    let on = Scratch::new().await;
    let [ana, ben, cleo] = [person(&on, "ana").await, person(&on, "ben").await, person(&on, "cleo").await];
    let messages = module(&on, AllBut(vec![])).service();
    let group = begin(&messages, ana, &[ben], Some("soup")).await.unwrap();
    on.clock.advance(TimeDelta::seconds(1));
    messages.add(ana, group, NewMembers { user_ids: vec![cleo] }).await.unwrap();
    let refused = messages.remove(ben, group, cleo).await;
    assert!(matches!(refused, Err(MessageError::NotAnAdmin)));
    messages.remove(ana, group, ana).await.unwrap();
    assert_eq!(messages.get(ben, group).await.unwrap().role, MemberRole::Owner);
    assert!(matches!(messages.get(ana, group).await, Err(MessageError::NotFound)), "it is none of hers now");
}

#[tokio::test]
async fn two_people_keep_to_themselves() {
    let on = Scratch::new().await;
    let [ana, ben, cleo] = [person(&on, "ana").await, person(&on, "ben").await, person(&on, "cleo").await];
    let messages = module(&on, AllBut(vec![])).service();
    let direct = begin(&messages, ana, &[ben], None).await.unwrap();
    assert_eq!(begin(&messages, ben, &[ana], None).await.unwrap(), direct, "they have one, whoever begins");
    assert_eq!(messages.get(ana, direct).await.unwrap().kind, ConversationKind::Direct);
    let added = messages.add(ana, direct, NewMembers { user_ids: vec![cleo] }).await;
    assert!(matches!(added, Err(MessageError::DirectIsFixed)));
    assert!(matches!(messages.remove(ana, direct, ana).await, Err(MessageError::DirectIsFixed)));
}

#[tokio::test]
async fn what_has_expired_is_not_shown_even_where_nobody_sweeps() {
    let on = Scratch::new().await;
    let (ana, ben) = (person(&on, "ana").await, person(&on, "ben").await);
    let messages = module(&on, AllBut(vec![])).service();
    let chat = begin(&messages, ana, &[ben], None).await.unwrap();
    let soup = NewMessage { expires_in_secs: Some(60), ..message(MessageId::generate(), "soup") };
    let sent = messages.send(ana, chat, soup.clone()).await.unwrap().0;
    let reply = NewMessage { reply_to: Some(sent.id), ..message(MessageId::generate(), "which?") };
    messages.send(ben, chat, reply).await.unwrap();
    on.clock.advance(TimeDelta::seconds(60));
    let page = PageQuery { limit: 10, after: None };
    let read = messages.history(ben, chat, page).await.unwrap().items;
    let (left, replied) = (read[1].clone(), read[0].replied.clone().unwrap());
    assert_eq!((left.content.as_str(), left.deleted_at), ("", sent.expires_at));
    assert_eq!((replied.content.as_str(), replied.deleted_at), ("", sent.expires_at));
    assert_eq!(messages.send(ana, chat, soup.clone()).await.unwrap().0, left, "nor when it is sent again");
    let events = messages.catch_up(ben, chat, 0, 10).await.unwrap();
    assert_eq!((events.items[0].message.as_ref(), events.head_seq), (Some(&left), 2));

    assert_eq!(messages.sweep().await.unwrap(), 1);
    assert_eq!(messages.sweep().await.unwrap(), 0);
    assert_eq!(
        messages.history(ben, chat, page).await.unwrap().items,
        read,
        "swept or not, it looks the same"
    );
    assert_eq!(messages.catch_up(ben, chat, 0, 10).await.unwrap().head_seq, 3);
    assert_eq!(messages.send(ana, chat, soup).await.unwrap().0, left);
}
