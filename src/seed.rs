//! A small believable world to look around in: people, posts, reactions, conversations.
//!
//! Everything goes through the services, so the world obeys every rule; and everything has a name of
//! its own (a username, an idempotency key, a message id), so that an interrupted seed can be completed.

use poem_openapi::types::{Email, ParseFromParameter};
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    app::App,
    guards::{Caller, IdempotencyKey},
    modules::{
        auth::Registration,
        messages::{NewConversation, NewMessage},
        posts::NewPost,
        users::UserError,
    },
    problem::Problem,
    wire::{MessageId, PageQuery, Text, UserId},
};

/// Of everybody in the seeded world.
pub const PASSWORD: &str = "correct horse battery";

#[derive(Deserialize)]
struct World {
    people: Vec<Person>,
    posts: Vec<Post>,
    conversations: Vec<Conversation>,
}

#[derive(Deserialize)]
struct Person {
    username: String,
    name: String,
}

#[derive(Deserialize)]
struct Post {
    by: String,
    content: String,
    /// Who reacts, and how.
    #[serde(default)]
    reactions: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct Conversation {
    name: Option<String>,
    with: Vec<String>,
    /// Who says what.
    said: Vec<(String, String)>,
}

type People = Vec<(String, UserId)>;

/// Fills an installation. Says no, and changes nothing, when its last message is there already.
pub async fn seed(app: &App) -> Result<bool, Problem> {
    let world: World =
        serde_json::from_str(include_str!("seed.json")).expect("the seed is checked by its test");
    let (people, newcomers) = register(app, &world.people).await?;
    if newcomers == 0 && is_complete(app, &world, &people).await? {
        return Ok(false);
    }
    write_posts(app, &world, &people).await?;
    converse(app, &world, &people).await?;
    Ok(true)
}

/// Everybody, and how many of them weren't there before.
async fn register(app: &App, people: &[Person]) -> Result<(People, usize), Problem> {
    let (auth, users) = (app.modules.auth.service(), app.modules.users.service());
    let (mut all, mut newcomers) = (Vec::with_capacity(people.len()), 0);
    for Person { username, name } in people {
        let id = match users.by_username(username).await {
            Ok(account) => account.id,
            Err(UserError::NotFound) => {
                let registration = Registration {
                    email: Email(format!("{username}@example.com")),
                    username: username.clone(),
                    password: PASSWORD.into(),
                    display_name: Some(Text(name.clone())),
                };
                newcomers += 1;
                auth.register(registration, None, &Caller::default()).await?.user.id
            }
            Err(error) => return Err(error.into()),
        };
        all.push((username.clone(), id));
    }
    Ok((all, newcomers))
}

/// Whether the last thing that the seed says has been said.
async fn is_complete(app: &App, world: &World, people: &People) -> Result<bool, Problem> {
    let (place, last) =
        world.conversations.iter().enumerate().next_back().expect("the seed has conversations");
    let speaker = id_of(people, &last.with[0]);
    let page = PageQuery::new(None, None)?;
    let messages = app.modules.messages.service();
    for conversation in messages.list(speaker, page).await?.items {
        let history = messages.history(speaker, conversation.id, PageQuery::new(Some(100), None)?).await?;
        if history.items.iter().any(|message| message.id == message_id(place, last.said.len() - 1)) {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn write_posts(app: &App, world: &World, people: &People) -> Result<(), Problem> {
    let posts = app.modules.posts.service();
    for (place, Post { by, content, reactions }) in world.posts.iter().enumerate() {
        let new = NewPost { content: Text(content.clone()) };
        let post = posts.create(id_of(people, by), new, Some(key(place))).await?;
        for (who, kind) in reactions {
            let kind = ParseFromParameter::parse_from_parameter(kind).expect("the seed knows the kinds");
            posts.react(id_of(people, who), post.id, kind).await?;
        }
    }
    Ok(())
}

async fn converse(app: &App, world: &World, people: &People) -> Result<(), Problem> {
    let messages = app.modules.messages.service();
    for (place, Conversation { name, with, said }) in world.conversations.iter().enumerate() {
        let member_ids: Vec<UserId> = with.iter().map(|username| id_of(people, username)).collect();
        let creator = member_ids[0];
        let new = NewConversation { member_ids, name: name.clone().map(Text) };
        let (conversation, _) = messages.create(creator, new, Some(key(place))).await?;
        for (line, (who, content)) in said.iter().enumerate() {
            let message_id = message_id(place, line);
            let message = NewMessage {
                message_id,
                content: Text(content.clone()),
                kind: None,
                reply_to: None,
                expires_in_secs: None,
            };
            messages.send(id_of(people, who), conversation.id, message).await?;
        }
    }
    Ok(())
}

fn id_of(people: &People, username: &str) -> UserId {
    people.iter().find(|(name, _)| name == username).expect("the seed names its people").1
}

fn key(place: usize) -> IdempotencyKey {
    IdempotencyKey::parse_from_parameter(&format!("seed-{place}")).expect("a plain word is a key")
}

fn message_id(conversation: usize, line: usize) -> MessageId {
    MessageId(Uuid::from_u128(
        0x5eed_0000_0000_4000_8000_0000_0000_0000 | (conversation as u128) << 16 | line as u128,
    ))
}
