//! `Idempotency-Key`: the same request again makes nothing new.
//!
//! The key is kept with what it made, in the transaction that made it. What is kept is the made
//! thing's id, not a copy of the answer: a repeated request is answered with the thing as it is now.

use chrono::{DateTime, Utc};
use poem::http::HeaderValue;
use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromParameter, ParseResult, Type},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    infra::db::{Db, Tx},
    problem::{Problem, codes},
    wire::UserId,
};

/// The key as the client sent it: 1 to 255 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

/// SHA-256 over what was asked for.
pub struct Fingerprint([u8; 32]);

/// What became of claiming a key.
#[derive(Debug, PartialEq, Eq)]
pub enum Claim {
    /// Never seen: go on and make the thing with this id.
    Fresh,
    /// Seen with the same request: this is what it made.
    Repeated(Uuid),
}

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "idempotency_keys")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub owner_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub operation: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        pub fingerprint: Vec<u8>,
        pub subject_id: Uuid,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Fingerprint {
    /// Of the parts of a request, in order; absent and empty parts differ.
    pub fn of(parts: &[Option<&str>]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            match part {
                Some(part) => {
                    hash.update([1]);
                    hash.update((part.len() as u64).to_be_bytes());
                    hash.update(part.as_bytes());
                }
                None => hash.update([0]),
            }
        }
        Self(hash.finalize().into())
    }

    pub fn to_vec(&self) -> Vec<u8> {
        self.0.to_vec()
    }
}

impl IdempotencyKey {
    /// Claims this key for a new `subject`, inside the transaction that makes it.
    ///
    /// Of requests that race with one key, the others wait here for the first to commit or roll back.
    pub async fn claim(
        &self,
        tx: &Tx,
        owner: Option<UserId>,
        operation: &'static str,
        fingerprint: &Fingerprint,
        subject: Uuid,
        now: DateTime<Utc>,
    ) -> Result<Claim, Problem> {
        let owner = owner.map_or(Uuid::nil(), |owner| owner.0);
        let row = entity::ActiveModel {
            owner_id: Set(owner),
            operation: Set(operation.into()),
            key: Set(self.0.clone()),
            fingerprint: Set(fingerprint.to_vec()),
            subject_id: Set(subject),
            created_at: Set(now),
        };
        let inserted = entity::Entity::insert(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(tx)
            .await?;
        if inserted > 0 {
            return Ok(Claim::Fresh);
        }
        let earlier = entity::Entity::find()
            .filter(entity::Column::OwnerId.eq(owner))
            .filter(entity::Column::Operation.eq(operation))
            .filter(entity::Column::Key.eq(&self.0))
            .one(tx)
            .await?
            .ok_or_else(|| Problem::internal("an idempotency key conflicted and then wasn't there"))?;
        match earlier.fingerprint == fingerprint.0 {
            true => Ok(Claim::Repeated(earlier.subject_id)),
            false => Err(Problem::of::<codes::IdempotencyReused>("Use a new key for another request.")),
        }
    }
}

impl IdempotencyKey {
    /// Forgets keys claimed before this moment, and says how many.
    pub async fn forget_before(db: &Db, moment: DateTime<Utc>) -> Result<u64, Problem> {
        let old = entity::Entity::delete_many().filter(entity::Column::CreatedAt.lt(moment));
        Ok(old.exec(db.writer()).await?.rows_affected)
    }
}

impl Type for IdempotencyKey {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> std::borrow::Cow<'static, str> {
        "string_idempotency-key".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        let mut schema = MetaSchema::new("string");
        schema.min_length = Some(1);
        schema.max_length = Some(255);
        schema.pattern = Some("^[!-~]+$".into());
        MetaSchemaRef::Inline(Box::new(schema))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromParameter for IdempotencyKey {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        let visible = value.bytes().all(|byte| byte.is_ascii_graphic());
        match (1..=255).contains(&value.len()) && visible && HeaderValue::from_str(value).is_ok() {
            true => Ok(Self(value.to_owned())),
            false => Err(ParseError::custom("must be 1 to 255 visible ASCII characters")),
        }
    }
}
