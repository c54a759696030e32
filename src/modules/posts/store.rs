use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult, IntoActiveModel,
    JoinType, QueryFilter, QueryOrder, QueryResult, QuerySelect, QueryTrait, RelationDef, Select,
    sea_query::{Expr, LockType, OnConflict, Query},
};

use super::{
    entity::{
        PostId, posts,
        reactions::{self, ReactionKind},
    },
    error::PostError,
};
use crate::{
    infra::db::{Db, Tx},
    modules::users::{AuthorDto, entity as user_rows},
    wire::{PageQuery, UserId},
};

/// The queries on posts and reactions.
pub struct PostsStore {
    db: Db,
}

/// A post with its author and the reader's reaction.
pub struct PostRow {
    pub post: posts::Model,
    pub author: AuthorDto,
    pub my_reaction: Option<ReactionKind>,
}

impl FromQueryResult for PostRow {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        Ok(Self {
            post: posts::Model::from_query_result(row, "")?,
            author: AuthorDto {
                id: row.try_get("", "author_id")?,
                username: row.try_get("", "author_username")?,
                display_name: row.try_get("", "author_display_name")?,
                avatar_url: row.try_get("", "author_avatar_url")?,
            },
            my_reaction: row.try_get("", "my_reaction")?,
        })
    }
}

impl PostsStore {
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    pub async fn find(&self, reader: UserId, id: PostId) -> Result<PostRow, PostError> {
        Self::find_in(self.db.reader(), reader, id).await
    }

    /// Inside a transaction, so that what it has just changed is seen.
    pub async fn find_in(
        db: &impl ConnectionTrait,
        reader: UserId,
        id: PostId,
    ) -> Result<PostRow, PostError> {
        let query = as_seen_by(reader).filter(posts::Column::Id.eq(id));
        query.into_model::<PostRow>().one(db).await?.ok_or(PostError::NotFound)
    }

    /// Newest first, one more than the page holds, in one statement.
    pub async fn list(&self, reader: UserId, page: &PageQuery<PostId>) -> Result<Vec<PostRow>, PostError> {
        let mut query = as_seen_by(reader).order_by_desc(posts::Column::Id).limit(page.limit + 1);
        if let Some(after) = page.after {
            query = query.filter(posts::Column::Id.lt(after));
        }
        Ok(query.into_model::<PostRow>().all(self.db.reader()).await?)
    }

    /// Stores a new post and shows it, in one statement: nobody has reacted to it yet.
    pub async fn insert(db: &impl ConnectionTrait, post: posts::Model) -> Result<PostRow, PostError> {
        use user_rows::Column::{AvatarUrl, DisplayName, Id, Username};
        let of_author = |column| {
            let mut query = Query::select();
            query.column(column).from(user_rows::Entity).and_where(Id.eq(post.author_id));
            Expr::from(query)
        };
        let author = Query::returning().exprs([Username, DisplayName, AvatarUrl].map(of_author));
        let mut insert = posts::Entity::insert(post.clone().into_active_model().reset_all());
        let row = db.query_one(insert.query().returning(author)).await?.ok_or(DbErr::RecordNotInserted)?;
        let author = AuthorDto {
            id: post.author_id,
            username: row.try_get_by_index(0)?,
            display_name: row.try_get_by_index(1)?,
            avatar_url: row.try_get_by_index(2)?,
        };
        Ok(PostRow { post, author, my_reaction: None })
    }

    /// The post's row, locked until the transaction ends: counters are changed by one at a time.
    pub async fn lock(tx: &Tx, id: PostId) -> Result<posts::Model, PostError> {
        posts::Entity::find_by_id(id).lock(LockType::NoKeyUpdate).one(tx).await?.ok_or(PostError::NotFound)
    }

    pub async fn edit(
        tx: &Tx,
        post: &posts::Model,
        content: String,
        now: DateTime<Utc>,
    ) -> Result<(), PostError> {
        let change = posts::ActiveModel {
            id: Set(post.id),
            content: Set(content),
            version: Set(post.version + 1),
            edited_at: Set(Some(now)),
            ..Default::default()
        };
        change.update(tx).await?;
        Ok(())
    }

    pub async fn delete(tx: &Tx, id: PostId) -> Result<(), PostError> {
        posts::Entity::delete_by_id(id).exec(tx).await?;
        Ok(())
    }

    pub async fn reaction(tx: &Tx, id: PostId, user: UserId) -> Result<Option<ReactionKind>, PostError> {
        let found = reactions::Entity::find_by_id((id, user)).one(tx).await?;
        Ok(found.map(|reaction| reaction.kind))
    }

    pub async fn set_reaction(tx: &Tx, reaction: reactions::Model) -> Result<(), PostError> {
        let conflict = OnConflict::columns([reactions::Column::PostId, reactions::Column::UserId])
            .update_columns([reactions::Column::Kind, reactions::Column::CreatedAt])
            .to_owned();
        reactions::Entity::insert(reaction.into_active_model().reset_all())
            .on_conflict(conflict)
            .exec_without_returning(tx)
            .await?;
        Ok(())
    }

    pub async fn remove_reaction(tx: &Tx, id: PostId, user: UserId) -> Result<(), PostError> {
        reactions::Entity::delete_by_id((id, user)).exec(tx).await?;
        Ok(())
    }

    /// Moves one count from one kind to another; nothing stands for no reaction.
    pub async fn count(
        tx: &Tx,
        id: PostId,
        from: Option<ReactionKind>,
        to: Option<ReactionKind>,
    ) -> Result<(), PostError> {
        let mut update = posts::Entity::update_many().filter(posts::Column::Id.eq(id));
        for (kind, change) in [(from, -1), (to, 1)] {
            if let Some(kind) = kind {
                update = update.col_expr(counter(kind), Expr::col(counter(kind)).add(change));
            }
        }
        update.exec(tx).await?;
        Ok(())
    }
}

fn counter(kind: ReactionKind) -> posts::Column {
    match kind {
        ReactionKind::Like => posts::Column::LikeCount,
        ReactionKind::Love => posts::Column::LoveCount,
        ReactionKind::Laugh => posts::Column::LaughCount,
        ReactionKind::Wow => posts::Column::WowCount,
        ReactionKind::Sad => posts::Column::SadCount,
        ReactionKind::Angry => posts::Column::AngryCount,
    }
}

/// Posts with their authors and the reader's own reactions.
fn as_seen_by(reader: UserId) -> Select<posts::Entity> {
    let author: RelationDef = posts::Entity::belongs_to(user_rows::Entity)
        .from(posts::Column::AuthorId)
        .to(user_rows::Column::Id)
        .into();
    let mine: RelationDef = posts::Entity::belongs_to(reactions::Entity)
        .from(posts::Column::Id)
        .to(reactions::Column::PostId)
        .on_condition(move |_, right| {
            Condition::all().add(Expr::col((right, reactions::Column::UserId)).eq(reader))
        })
        .into();
    posts::Entity::find()
        .join(JoinType::InnerJoin, author)
        .join(JoinType::LeftJoin, mine)
        .column_as(user_rows::Column::Username, "author_username")
        .column_as(user_rows::Column::DisplayName, "author_display_name")
        .column_as(user_rows::Column::AvatarUrl, "author_avatar_url")
        .column_as(reactions::Column::Kind, "my_reaction")
}
