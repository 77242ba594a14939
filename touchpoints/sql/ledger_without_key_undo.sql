ALTER TABLE touchpoints_touchpoint ADD CONSTRAINT touchpoints_touchpoint_contact_id_own
  FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts_contact (workspace_id, id);
