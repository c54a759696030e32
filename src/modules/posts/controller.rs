use std::sync::Arc;

use poem_openapi::{
    OpenApi, Tags,
    param::{Header, Path, Query},
};

use super::{
    dto::{NewPost, PostDto, PostEdit},
    entity::{PostId, reactions::ReactionKind},
    error::NotTheAuthor,
    permissions::{ReadPosts, WritePosts},
    service::PostsService,
};
use crate::{
    guards::{Can, IdempotencyKey},
    problem::{Refusal, codes::NotFound},
    wire::{Created, IfMatch, NoContent, Page, PageQuery, Reply, Valid, Versioned},
};

/// Posts over REST.
pub struct PostsController {
    posts: Arc<PostsService>,
}

impl PostsController {
    pub fn new(posts: Arc<PostsService>) -> Self {
        Self { posts }
    }
}

#[derive(Tags)]
enum Tag {
    /// Posts and reactions.
    Posts,
}

#[OpenApi(tag = "Tag::Posts")]
impl PostsController {
    /// Write a post
    ///
    /// With the same `Idempotency-Key` again, the post of the first time; 404 when it has been deleted since.
    #[oai(path = "/posts", method = "post", operation_id = "createPost")]
    async fn create(
        &self,
        who: Can<WritePosts>,
        #[oai(name = "Idempotency-Key")] key: Header<Option<IdempotencyKey>>,
        body: Valid<NewPost>,
    ) -> Result<Created<PostDto>, Refusal<NotFound>> {
        let body = self.posts.create(who.user_id, body.0, key.0).await?;
        Ok(Created { location: format!("/posts/{}", body.id), body })
    }

    /// Posts, newest first
    ///
    /// Everybody's, as I see them: `myReaction` is mine.
    #[oai(path = "/posts", method = "get", operation_id = "listPosts")]
    async fn list(
        &self,
        who: Can<ReadPosts>,
        #[oai(validator(minimum(value = "1"), maximum(value = "100")))] limit: Query<Option<u64>>,
        cursor: Query<Option<String>>,
    ) -> Result<Reply<Page<PostDto>>, Refusal> {
        let page = PageQuery::new(limit.0, cursor.0)?;
        Ok(Reply(self.posts.list(who.user_id, page).await?))
    }

    /// One post; its `ETag` names the version
    ///
    /// With that `ETag` as `If-Match`, a change is made only to what I have seen.
    #[oai(path = "/posts/:id", method = "get", operation_id = "getPost")]
    async fn read(
        &self,
        who: Can<ReadPosts>,
        /// The post.
        id: Path<PostId>,
    ) -> Result<Versioned<PostDto>, Refusal<NotFound>> {
        let (post, version) = self.posts.read(who.user_id, id.0).await?;
        Ok(Versioned { body: post, version })
    }

    /// Change my post
    ///
    /// With `If-Match`, only if it is still that version.
    #[oai(path = "/posts/:id", method = "patch", operation_id = "editPost")]
    async fn edit(
        &self,
        who: Can<WritePosts>,
        /// The post.
        id: Path<PostId>,
        #[oai(name = "If-Match")] seen: Header<Option<String>>,
        body: Valid<PostEdit>,
    ) -> Result<Versioned<PostDto>, Refusal<(NotFound, NotTheAuthor)>> {
        let (post, version) = self.posts.edit(who.user_id, id.0, body.0, IfMatch::parse(seen.0)?).await?;
        Ok(Versioned { body: post, version })
    }

    /// Delete my post
    ///
    /// With `If-Match`, only if it is still that version. Its reactions go with it.
    #[oai(path = "/posts/:id", method = "delete", operation_id = "deletePost")]
    async fn delete(
        &self,
        who: Can<WritePosts>,
        /// The post.
        id: Path<PostId>,
        #[oai(name = "If-Match")] seen: Header<Option<String>>,
    ) -> Result<NoContent, Refusal<(NotFound, NotTheAuthor)>> {
        self.posts.delete(who.user_id, id.0, IfMatch::parse(seen.0)?).await?;
        Ok(NoContent)
    }

    /// React to a post; replaces my reaction of another kind
    ///
    /// One reaction a person. The same again changes nothing.
    #[oai(path = "/posts/:id/reactions/:kind", method = "put", operation_id = "reactToPost")]
    async fn react(
        &self,
        who: Can<WritePosts>,
        /// The post.
        id: Path<PostId>,
        /// How to react.
        kind: Path<ReactionKind>,
    ) -> Result<Reply<PostDto>, Refusal<NotFound>> {
        Ok(Reply(self.posts.react(who.user_id, id.0, kind.0).await?))
    }

    /// Take my reaction back
    ///
    /// When mine is of another kind, or there is none, nothing changes.
    #[oai(path = "/posts/:id/reactions/:kind", method = "delete", operation_id = "unreactToPost")]
    async fn unreact(
        &self,
        who: Can<WritePosts>,
        /// The post.
        id: Path<PostId>,
        /// The kind to take back.
        kind: Path<ReactionKind>,
    ) -> Result<Reply<PostDto>, Refusal<NotFound>> {
        Ok(Reply(self.posts.unreact(who.user_id, id.0, kind.0).await?))
    }
}
