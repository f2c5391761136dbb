//! The bot file that `init` makes.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::Value;

use super::answers::Answers;
use super::messages;
use super::names::path;
use super::{CLIENT_ID, CLIENT_SECRET};

/// A bot file that does not exist yet.
pub(super) struct BotFile {
    pub(super) path: PathBuf,
    pub(super) content: String,
    /// Whether its folder does not exist yet either.
    is_folder_new: bool,
}

impl BotFile {
    pub(super) fn new(folder: &Path, answers: &Answers) -> anyhow::Result<Self> {
        let text = |text: &str| Value::from(text).to_string();
        let credential = |attribute| -> anyhow::Result<String> {
            Ok(format!(
                "{{ \"credential\": {} }}",
                text(&answers.path(attribute)?.to_string())
            ))
        };
        let session = text(&answers.session_name);
        let greeting = messages::greeting(answers.language);
        let message = text(&format!("{greeting}, {{organization.name}}"));
        let content = format!(
            r#"{{
  "name": {name},
  "steps": [
    {{
      "action": "genesys/oauth-authenticate",
      "authentication-type": "client-credentials",
      "url": {url},
      "client-id": {client_id},
      "client-secret": {client_secret},
      "session-name": {session}
    }},
    {{
      "action": "genesys/api-request",
      "session-name": {session},
      "path": "/api/v2/organizations/me",
      "output": "organization"
    }},
    {{ "action": "log", "message": {message} }},
    {{ "action": "genesys/disconnect", "session-name": {session} }}
  ]
}}
"#,
            name = text(&answers.name),
            url = text(&answers.region),
            client_id = credential(CLIENT_ID)?,
            client_secret = credential(CLIENT_SECRET)?,
        );
        Ok(Self {
            path: path(folder, &answers.name),
            content,
            is_folder_new: !folder.exists(),
        })
    }

    /// Writes the file, and creates its folder.
    ///
    /// # Errors
    ///
    /// If it exists, or cannot be written. Then there is no part of it either.
    pub(super) fn write(&self) -> anyhow::Result<()> {
        let write = || {
            if let Some(folder) = self.path.parent() {
                fs::create_dir_all(folder)?;
            }
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .open(&self.path)?;
            file.write_all(self.content.as_bytes())
                .and_then(|()| file.sync_all())
        };
        write()
            .inspect_err(|error: &io::Error| {
                if error.kind() != ErrorKind::AlreadyExists {
                    self.remove();
                }
            })
            .with_context(|| self.path.display().to_string())
    }

    /// Removes the file that was just written.
    pub(super) fn remove(&self) {
        let _ = fs::remove_file(&self.path);
        if let (true, Some(folder)) = (self.is_folder_new, self.path.parent()) {
            let _ = fs::remove_dir(folder);
        }
    }
}
