// "Faire entrer" on the day's list: the call page that the link opens lets the citizen in by
// itself. The note lies in this tab alone, so that no link from elsewhere can admit anybody.
document.addEventListener('click', (event) => {
  const link = event.target.closest('a[data-admit]');
  if (link && !event.defaultPrevented) sessionStorage.setItem('visiohub.admit', link.dataset.admit);
});
