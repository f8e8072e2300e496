export function ImportWizard() {
  return null;
}
