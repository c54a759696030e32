use std::collections::BTreeMap;

use poem_openapi::Object;
use serde::Serialize;
use validator::Validate;

use super::{
    entity::{PostId, posts, reactions::ReactionKind},
    store::PostRow,
};
use crate::{
    modules::users::AuthorDto,
    wire::{Text, Timestamp},
};

/// A new post.
#[derive(Debug, Object, Validate)]
#[oai(rename_all = "camelCase", deny_unknown_fields, example)]
pub struct NewPost {
    /// Plain text; kept as typed, never interpreted.
    #[oai(validator(min_length = 1, max_length = 5000))]
    pub content: Text,
}

/// A post's new text.
#[derive(Debug, Object, Validate)]
#[oai(rename_all = "camelCase", deny_unknown_fields, example)]
pub struct PostEdit {
    /// Plain text; kept as typed, never interpreted.
    #[oai(validator(min_length = 1, max_length = 5000))]
    pub content: Text,
}

/// A post, as one reader sees it.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename = "Post", rename_all = "camelCase", example)]
#[serde(rename_all = "camelCase")]
pub struct PostDto {
    pub id: PostId,
    pub author: AuthorDto,
    pub content: String,
    /// How many reacted how; a kind that nobody chose is absent.
    pub reactions: BTreeMap<String, i32>,
    /// How I reacted.
    #[oai(nullable)]
    pub my_reaction: Option<ReactionKind>,
    pub comment_count: i32,
    pub created_at: Timestamp,
    #[oai(nullable)]
    pub edited_at: Option<Timestamp>,
}

impl From<PostRow> for PostDto {
    fn from(PostRow { post, author, my_reaction }: PostRow) -> Self {
        let reactions = counts(&post);
        let posts::Model { id, content, comment_count, created_at, edited_at, .. } = post;
        Self {
            id,
            author,
            content,
            reactions,
            my_reaction,
            comment_count,
            created_at: created_at.into(),
            edited_at: edited_at.map(Into::into),
        }
    }
}

fn counts(post: &posts::Model) -> BTreeMap<String, i32> {
    let all = [
        ("like", post.like_count),
        ("love", post.love_count),
        ("laugh", post.laugh_count),
        ("wow", post.wow_count),
        ("sad", post.sad_count),
        ("angry", post.angry_count),
    ];
    all.into_iter().filter(|(_, count)| *count > 0).map(|(kind, count)| (kind.to_owned(), count)).collect()
}
