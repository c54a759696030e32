//! When what is done again and again is due next.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Statement,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use super::{
    Store,
    entity::schedules::{self, Column},
    moment::now,
};
use crate::infra::db::Tx;

impl Store {
    /// What the database's clock says.
    pub async fn now(&self) -> Result<DateTime<Utc>, DbErr> {
        let (on, mut values) = (self.db.reader(), Vec::new());
        let backend = on.get_database_backend();
        let sql = format!("SELECT {} AS now", now(backend, &mut values));
        let row = on.query_one_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        row.ok_or_else(|| DbErr::RecordNotFound("there is always a time".into()))?.try_get("", "now")
    }

    /// Notes when a schedule is due next, unless that was noted for the same expression before.
    pub async fn plan(&self, name: &str, cron: &str, next_at: DateTime<Utc>) -> Result<(), DbErr> {
        let row = schedules::ActiveModel {
            name: Set(name.to_owned()),
            cron: Set(cron.to_owned()),
            next_at: Set(next_at),
        };
        let other = OnConflict::column(Column::Name)
            .update_columns([Column::Cron, Column::NextAt])
            .action_and_where(Expr::col((schedules::Entity, Column::Cron)).ne(cron))
            .to_owned();
        schedules::Entity::insert(row).on_conflict(other).exec_without_returning(self.db.writer()).await?;
        Ok(())
    }

    /// When a schedule with this expression is due next.
    pub async fn planned(&self, name: &str, cron: &str) -> Result<Option<DateTime<Utc>>, DbErr> {
        let row = schedules::Entity::find_by_id(name.to_owned()).one(self.db.reader()).await?;
        Ok(row.filter(|row| row.cron == cron).map(|row| row.next_at))
    }

    /// Moves a schedule on; says no when another node was faster.
    pub async fn fire(
        tx: &Tx,
        name: &str,
        seen: DateTime<Utc>,
        next_at: DateTime<Utc>,
    ) -> Result<bool, DbErr> {
        let moved = schedules::Entity::update_many()
            .col_expr(Column::NextAt, Expr::value(next_at))
            .filter(Column::Name.eq(name))
            .filter(Column::NextAt.eq(seen))
            .exec(tx)
            .await?;
        Ok(moved.rows_affected > 0)
    }
}
