//! What the documents show.

use std::collections::BTreeMap;

use poem_openapi::types::Example;

use super::{
    dto::{NewPost, PostDto, PostEdit},
    entity::{PostId, reactions::ReactionKind},
};
use crate::{
    modules::users::AuthorDto,
    wire::{Text, Timestamp},
};

impl Example for NewPost {
    fn example() -> Self {
        Self { content: Text("The rooks are back.".into()) }
    }
}

impl Example for PostEdit {
    fn example() -> Self {
        Self { content: Text("The rooks are back, all forty of them.".into()) }
    }
}

impl Example for PostDto {
    fn example() -> Self {
        Self {
            id: PostId::example(),
            author: AuthorDto::example(),
            content: NewPost::example().content.0,
            reactions: BTreeMap::from([("like".into(), 3), ("love".into(), 1)]),
            my_reaction: Some(ReactionKind::Love),
            comment_count: 0,
            created_at: Timestamp::example(),
            edited_at: None,
        }
    }
}
