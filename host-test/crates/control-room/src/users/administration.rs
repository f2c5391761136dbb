//! What administrators do with users and roles at the pages. Each change looks, in the transaction that makes it,
//! whether whoever asks for it still is one, and none of them can end that for themselves: so there always is one.

use super::{
    ADMINISTRATOR, USER_ROLES, UserError, Users, delete_role, delete_user, insert_role,
    is_administrator, link_only, role_ids, user_id,
};
use crate::name::Name;
use crate::store::Tx;

impl Users {
    /// Gives a user these roles and takes all others from them, for the administrator `by`.
    ///
    /// # Errors
    ///
    /// Where the user or one of the roles is not there, `by` is no administrator, or would not be one any longer. Then
    /// nothing has changed.
    pub async fn set_roles(&self, by: &Name, user: &Name, roles: &[Name]) -> Result<(), UserError> {
        let mut tx = self.begin(by).await?;
        let keeps = roles.iter().any(|role| role.as_str() == ADMINISTRATOR);
        if by == user && !keeps {
            return Err(UserError::Oneself);
        }
        let user = user_id(tx.connection(), user).await?;
        let roles = role_ids(tx.connection(), roles).await?;
        link_only(tx.connection(), &USER_ROLES, &user, &roles).await?;
        Ok(tx.commit().await?)
    }

    /// [`Users::remove`], for the administrator `by`; says the id that the user had.
    ///
    /// # Errors
    ///
    /// As there, and where `by` is no administrator, or the user.
    pub async fn remove_by(&self, by: &Name, user: &Name) -> Result<String, UserError> {
        let mut tx = self.begin(by).await?;
        if by == user {
            return Err(UserError::Oneself);
        }
        let id = user_id(tx.connection(), user).await?;
        delete_user(tx.connection(), user).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// [`Users::create_role`], for the administrator `by`.
    ///
    /// # Errors
    ///
    /// As there, and where `by` is no administrator.
    pub async fn create_role_by(&self, by: &Name, name: &Name) -> Result<(), UserError> {
        let mut tx = self.begin(by).await?;
        insert_role(tx.connection(), name).await?;
        Ok(tx.commit().await?)
    }

    /// [`Users::remove_role`], for the administrator `by`.
    ///
    /// # Errors
    ///
    /// As there, and where `by` is no administrator, or that is the role.
    pub async fn remove_role_by(&self, by: &Name, role: &Name) -> Result<(), UserError> {
        let mut tx = self.begin(by).await?;
        if role.as_str() == ADMINISTRATOR {
            return Err(UserError::Oneself);
        }
        delete_role(tx.connection(), role).await?;
        Ok(tx.commit().await?)
    }

    /// A change that the administrator `by` makes.
    pub(crate) async fn begin(&self, by: &Name) -> Result<Tx, UserError> {
        let mut tx = self.store.write().await?;
        match is_administrator(tx.connection(), by).await? {
            true => Ok(tx),
            false => Err(UserError::NotAdministrator(by.clone())),
        }
    }
}
