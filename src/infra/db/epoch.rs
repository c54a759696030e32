//! Which life of the database this is. Whoever kept numbers of another life forgets them.

use sea_orm::{ConnectionTrait, DbErr, Statement};
use uuid::Uuid;

use super::Db;

impl Db {
    pub async fn epoch(&self) -> Result<Uuid, DbErr> {
        let on = self.reader();
        let statement = Statement::from_string(on.get_database_backend(), "SELECT epoch FROM installation");
        let row = on.query_one_raw(statement).await?;
        row.ok_or_else(|| DbErr::RecordNotFound("the migrations make the installation".into()))?
            .try_get("", "epoch")
    }

    /// Begins another life: what was acknowledged in the one before may be gone, as after a backup was restored.
    pub async fn bump_epoch(&self) -> Result<Uuid, DbErr> {
        let (on, epoch) = (self.writer(), Uuid::new_v4());
        let sql = "UPDATE installation SET epoch = $1";
        on.execute_raw(Statement::from_sql_and_values(on.get_database_backend(), sql, [epoch.into()]))
            .await?;
        Ok(epoch)
    }
}
