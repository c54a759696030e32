//! A small believable world to look around in: people, posts, reactions, conversations.
//!
//! Everything goes through the services, so the world obeys every rule.

use poem_openapi::types::Email;
use serde::Deserialize;

use crate::{
    app::App,
    guards::Caller,
    modules::{
        auth::Registration,
        messages::{NewConversation, NewMessage},
        posts::NewPost,
        users::UserError,
    },
    problem::Problem,
    wire::{MessageId, UserId},
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

/// Fills an empty installation. Says no, and changes nothing, when its people exist already.
pub async fn seed(app: &App) -> Result<bool, Problem> {
    let world: World =
        serde_json::from_str(include_str!("seed.json")).expect("the seed is checked by its test");
    let first = &world.people[0].username;
    match app.modules.users.service().by_username(first).await {
        Ok(_) => return Ok(false),
        Err(UserError::NotFound) => {}
        Err(error) => return Err(error.into()),
    }
    let people = register(app, &world.people).await?;
    let id = |username: &str| {
        people.iter().find(|(name, _)| name == username).expect("the seed names its people").1
    };

    let posts = app.modules.posts.service();
    for Post { by, content, reactions } in world.posts {
        let post = posts.create(id(&by), NewPost { content }, None).await?;
        for (who, kind) in reactions {
            let kind = poem_openapi::types::ParseFromParameter::parse_from_parameter(&kind)
                .expect("the seed knows the kinds of reactions");
            posts.react(id(&who), post.id, kind).await?;
        }
    }
    let messages = app.modules.messages.service();
    for Conversation { name, with, said } in world.conversations {
        let member_ids: Vec<UserId> = with.iter().map(|username| id(username)).collect();
        let creator = member_ids[0];
        let (conversation, _) = messages.create(creator, NewConversation { member_ids, name }, None).await?;
        for (who, content) in said {
            let message_id = MessageId::generate();
            let message = NewMessage { message_id, content, kind: None, reply_to: None };
            messages.send(id(&who), conversation.id, message).await?;
        }
    }
    Ok(true)
}

async fn register(app: &App, people: &[Person]) -> Result<Vec<(String, UserId)>, Problem> {
    let auth = app.modules.auth.service();
    let mut registered = Vec::with_capacity(people.len());
    for Person { username, name } in people {
        let registration = Registration {
            email: Email(format!("{username}@example.com")),
            username: username.clone(),
            password: PASSWORD.into(),
            display_name: Some(name.clone()),
        };
        let signed_in = auth.register(registration, None, &Caller::default()).await?;
        registered.push((username.clone(), signed_in.user.id));
    }
    Ok(registered)
}
