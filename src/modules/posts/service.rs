use super::{
    dto::{NewPost, PostDto, PostEdit},
    entity::{
        PostId, posts,
        reactions::{self, ReactionKind},
    },
    error::PostError,
    store::PostsStore,
};
use crate::{
    guards::{Claim, Fingerprint, IdempotencyKey},
    infra::{
        clock::Clock,
        db::{Db, Tx},
    },
    wire::{IfMatch, Page, PageQuery, UserId},
};

/// The rules about posts.
pub struct PostsService {
    db: Db,
    store: PostsStore,
    clock: Clock,
}

/// A post and the version that `If-Match` can name.
pub type Versioned = (PostDto, i32);

impl PostsService {
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { store: PostsStore::new(db.clone()), db, clock }
    }

    /// Stores a post. The same idempotency key again gives the post of the first time.
    pub async fn create(
        &self,
        author: UserId,
        new: NewPost,
        key: Option<IdempotencyKey>,
    ) -> Result<PostDto, PostError> {
        let (id, now) = (PostId::generate(), self.clock.now());
        let Some(key) = key else {
            let stored = PostsStore::insert(self.db.writer(), blank(id, author, new.content.0, now)).await?;
            return Ok(stored.into());
        };
        let tx = self.db.begin().await?;
        let fingerprint = Fingerprint::of(&[Some(&new.content.0)]);
        let claim = key.claim(&tx, Some(author), "createPost", &fingerprint, id.0, now).await?;
        if let Claim::Repeated(earlier) = claim {
            tx.rollback().await?;
            return Ok(self.store.find(author, PostId(earlier)).await?.into());
        }
        let stored = PostsStore::insert(&tx, blank(id, author, new.content.0, now)).await?;
        tx.commit().await?;
        Ok(stored.into())
    }

    pub async fn read(&self, reader: UserId, id: PostId) -> Result<Versioned, PostError> {
        let row = self.store.find(reader, id).await?;
        let version = row.post.version;
        Ok((row.into(), version))
    }

    /// Newest first.
    pub async fn list(&self, reader: UserId, page: PageQuery<PostId>) -> Result<Page<PostDto>, PostError> {
        let rows = self.store.list(reader, &page).await?;
        Ok(page.page(rows, |row| row.post.id, PostDto::from))
    }

    /// Only its author changes a post, and only the version they have seen.
    pub async fn edit(
        &self,
        author: UserId,
        id: PostId,
        edit: PostEdit,
        seen: IfMatch,
    ) -> Result<Versioned, PostError> {
        let tx = self.db.begin().await?;
        let post = own(&tx, author, id).await?;
        seen.check(post.version)?;
        PostsStore::edit(&tx, &post, edit.content.0, self.clock.now()).await?;
        let row = PostsStore::find_in(&tx, author, id).await?;
        tx.commit().await?;
        let version = row.post.version;
        Ok((row.into(), version))
    }

    pub async fn delete(&self, author: UserId, id: PostId, seen: IfMatch) -> Result<(), PostError> {
        let tx = self.db.begin().await?;
        seen.check(own(&tx, author, id).await?.version)?;
        PostsStore::delete(&tx, id).await?;
        tx.commit().await?;
        Ok(())
    }

    /// One reaction a person: another kind replaces it.
    pub async fn react(&self, user: UserId, id: PostId, kind: ReactionKind) -> Result<PostDto, PostError> {
        let tx = self.db.begin().await?;
        PostsStore::lock(&tx, id).await?;
        let before = PostsStore::reaction(&tx, id, user).await?;
        if before != Some(kind) {
            let reaction =
                reactions::Model { post_id: id, user_id: user, kind, created_at: self.clock.now() };
            PostsStore::set_reaction(&tx, reaction).await?;
            PostsStore::count(&tx, id, before, Some(kind)).await?;
        }
        self.commit_and_show(tx, user, id).await
    }

    /// Takes a reaction of this kind back; when there is none, nothing changes.
    pub async fn unreact(&self, user: UserId, id: PostId, kind: ReactionKind) -> Result<PostDto, PostError> {
        let tx = self.db.begin().await?;
        PostsStore::lock(&tx, id).await?;
        if PostsStore::reaction(&tx, id, user).await? == Some(kind) {
            PostsStore::remove_reaction(&tx, id, user).await?;
            PostsStore::count(&tx, id, Some(kind), None).await?;
        }
        self.commit_and_show(tx, user, id).await
    }

    async fn commit_and_show(&self, tx: Tx, reader: UserId, id: PostId) -> Result<PostDto, PostError> {
        let row = PostsStore::find_in(&tx, reader, id).await?;
        tx.commit().await?;
        Ok(row.into())
    }
}

/// The locked row, if this person wrote it.
async fn own(tx: &Tx, author: UserId, id: PostId) -> Result<posts::Model, PostError> {
    let post = PostsStore::lock(tx, id).await?;
    if post.author_id == author { Ok(post) } else { Err(PostError::NotTheAuthor) }
}

fn blank(id: PostId, author_id: UserId, content: String, now: chrono::DateTime<chrono::Utc>) -> posts::Model {
    posts::Model {
        id,
        author_id,
        content,
        version: 1,
        created_at: now,
        edited_at: None,
        comment_count: 0,
        like_count: 0,
        love_count: 0,
        laugh_count: 0,
        wow_count: 0,
        sad_count: 0,
        angry_count: 0,
    }
}
